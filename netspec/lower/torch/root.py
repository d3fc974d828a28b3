"""The class of the network itself: its constructor's last lines, its forward, its results."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from netspec.graph import Blob, Graph, Phase
from netspec.lower.torch.bodies import Body
from netspec.lower.torch.classes import base_class, init_statements
from netspec.lower.torch.code import (
    Assign,
    Block,
    Brackets,
    Do,
    Expr,
    Name,
    Return,
    Statement,
    call,
    method,
)
from netspec.lower.torch.forms import Form
from netspec.lower.torch.forward import Writer
from netspec.lower.torch.groups import param_groups
from netspec.lower.torch.layout import quoted
from netspec.lower.torch.options import Options
from netspec.lower.torch.plan import ClassPlan, ForwardPlan
from netspec.lower.torch.steps import PHASES, Condition, Steps
from netspec.lower.torch.wiring import results

TRAINING = PHASES[Phase.TRAIN]
CHANNELS_LAST = "nn.utils.convert_conv2d_weight_memory_format"


def root_class(
    graph: Graph,
    body: Body,
    steps: Steps,
    init: tuple[tuple[Statement, ...], str],
    options: Options,
) -> ClassPlan:
    """The plan of the network's class."""
    constructs, members = init_statements(body.form, body.held)
    statements, doc = init
    members += tuple(_frozen(graph))
    if statements:
        members += (Do(call("self.init_weights")),)
    if options.channels_last:
        members += (Do(call(CHANNELS_LAST, Name("self"), Name("torch.channels_last"))),)
    forward = root_forward(graph, steps) if body.form is Form.CLASS else None
    base = base_class(body.form)
    return ClassPlan(
        graph.class_name,
        base,
        (),
        constructs,
        members,
        forward,
        statements,
        doc,
        param_groups(graph),
    )


def root_forward(graph: Graph, steps: Steps) -> ForwardPlan:
    """Inputs in order, those of the TRAIN phase optional; one result, or several by name."""
    inputs = {blob.name: blob.name for blob in graph.inputs}
    parameters = tuple(
        f"{blob.name}: Tensor | None = None"
        if blob.phase is Phase.TRAIN
        else f"{blob.name}: Tensor"
        for blob in sorted(graph.inputs, key=lambda blob: blob.phase is Phase.TRAIN)
    )
    found, _ = steps.of(graph.root)
    given = results(graph)
    main = [blob.name for blob in graph.inputs if blob.phase is None]
    names = [blob.name for blob in given]
    writer = Writer(found, inputs, names, steps.tensors(graph.root), steps.taken, main)
    needs = {name: step.condition for step in found for name in step.outputs}
    if len(given) == 1 and not needs.get(given[0].name):
        return ForwardPlan(parameters, "Tensor", tuple(writer.finish(given[0].name)))
    body = writer.statements()
    values = {blob.name: writer.locals.use(blob.name) for blob in given}
    keys = {blob.name: graph.result_name(blob) for blob in given}
    body += _returns(given, values, needs, keys)
    return ForwardPlan(parameters, _result_type(given, needs), tuple(body))


def _returns(
    given: Sequence[Blob],
    values: dict[str, Expr],
    needs: dict[str, Condition],
    keys: Mapping[str, str],
) -> Iterator[Statement]:
    """The results that hold in training, then those of inference, under the user's names."""
    used = _chosen(given, needs, Phase.TEST)
    trained = _chosen(given, needs, Phase.TRAIN)
    if used == trained:
        yield Return((_together(used, values, keys),))
        return
    sure = [name for name in trained if all(part == TRAINING for part in needs.get(name, ()))]
    body: list[Statement] = []
    if sure == trained:
        body.append(Return((_together(trained, values, keys),)))
    else:
        body.append(Assign(("results",), _dict(sure, values, keys)))
        for condition, names in groupby(trained, key=lambda name: _besides_training(needs, name)):
            if condition:
                set_results = (Assign((f"results[{quoted(keys[n])}]",), values[n]) for n in names)
                body.append(Block("if", Name(" and ".join(condition)), tuple(set_results)))
        whole: Expr = Name("results")
        if len(sure) == 1:
            only = values[sure[0]]
            assert isinstance(only, Name)
            whole = Name(f"results if len(results) > 1 else {only.text}")
        body.append(Return((whole,)))
    yield Block("if", Name(TRAINING), tuple(body))
    yield Return((_together(used, values, keys),))


def _besides_training(needs: Mapping[str, Condition], name: str) -> Condition:
    """What a result hangs on in training: optional inputs."""
    return tuple(part for part in needs.get(name, ()) if part != TRAINING)


def _chosen(given: Sequence[Blob], needs: dict[str, Condition], phase: Phase) -> list[str]:
    """The names of the results that a phase gives, if all optional inputs are there."""
    other = PHASES[Phase.TRAIN if phase is Phase.TEST else Phase.TEST]
    names = [blob.name for blob in given if other not in needs.get(blob.name, ())]
    if phase is Phase.TRAIN:
        return names
    # What hangs on an optional input belongs to training.
    return [name for name in names if all(part in PHASES.values() for part in needs.get(name, ()))]


def _together(names: Sequence[str], values: dict[str, Expr], keys: Mapping[str, str]) -> Expr:
    return values[names[0]] if len(names) == 1 else _dict(names, values, keys)


def _dict(names: Sequence[str], values: dict[str, Expr], keys: Mapping[str, str]) -> Brackets:
    return Brackets("{}", tuple(values[name] for name in names), tuple(keys[n] for n in names))


def _result_type(given: Sequence[Blob], needs: dict[str, Condition]) -> str:
    used = _chosen(given, needs, Phase.TEST)
    trained = _chosen(given, needs, Phase.TRAIN)
    counts = {len(used), len(trained)}
    several = max(counts) > 1
    single = 1 in counts
    kinds = ["Tensor"] * single + ["dict[str, Tensor]"] * several
    return " | ".join(kinds)


def _frozen(graph: Graph) -> Iterator[Statement]:
    """Weights that aren't trained; a layer's all at once."""
    for node in graph.nodes:
        weights = [] if node.reused else [p for p in node.parameters if not p.buffer]
        frozen = [p for p in weights if not p.trainable and not p.shared]
        is_module = not any(parameter.name == node.path for parameter in weights)
        if is_module and frozen and len(frozen) == len(weights):
            direct = Name(f"self.{node.path}")
            module: Expr = direct
            if not node.path.isidentifier():
                module = call("self.get_submodule", Name(quoted(node.path)))
            yield Do(method(module, "requires_grad_", Name("False")))
            continue
        for parameter in frozen:
            tensor = call("self.get_parameter", Name(quoted(parameter.name)))
            yield Do(method(tensor, "requires_grad_", Name("False")))
