"""The class of the network itself: its constructor's last lines, its forward, its results."""

from collections.abc import Iterator

from netspec.graph import Graph, Phase
from netspec.lower.options import TorchOptions as Options
from netspec.lower.torch.bodies import Body
from netspec.lower.torch.classes import base_class, init_statements
from netspec.lower.torch.code import (
    Do,
    Expr,
    Name,
    Statement,
    call,
    method,
)
from netspec.lower.torch.forms import Form
from netspec.lower.torch.forward import Writer
from netspec.lower.torch.groups import param_groups
from netspec.lower.torch.layout import quoted
from netspec.lower.torch.plan import ClassPlan, ForwardPlan
from netspec.lower.torch.returns import Results
from netspec.lower.torch.steps import Steps
from netspec.lower.torch.wiring import results

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
    forward = root_forward(graph, steps, options) if body.form is Form.CLASS else None
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


def root_forward(graph: Graph, steps: Steps, options: Options) -> ForwardPlan:
    """Inputs in order, those of the TRAIN phase optional; one result, or several together."""
    inputs = {blob.name: blob.name for blob in graph.inputs}
    parameters = tuple(
        f"{blob.name}: Tensor | None = None"
        if blob.phase is Phase.TRAIN
        else f"{blob.name}: Tensor"
        for blob in sorted(graph.inputs, key=lambda blob: blob.phase is Phase.TRAIN)
    )
    found, _ = steps.of(graph.root)
    # What is always done comes first: see `Results`.
    found = sorted(found, key=lambda step: len(step.condition))
    given = results(graph)
    main = [blob.name for blob in graph.inputs if blob.phase is None]
    names = [blob.name for blob in given]
    writer = Writer(found, inputs, names, steps.tensors(graph.root), steps.taken, main)
    needs = {name: step.condition for step in found for name in step.outputs}
    if len(given) == 1 and not needs.get(given[0].name):
        return ForwardPlan(parameters, "Tensor", tuple(writer.finish(given[0].name)))
    written = writer.conditional()
    values = {blob.name: writer.locals.use(blob.name) for blob in given}
    keys = {blob.name: graph.result_name(blob) for blob in given}
    found_results = Results(given, values, needs, None if options.tuple_outputs else keys)
    body = tuple(found_results.statements(written))
    return ForwardPlan(parameters, found_results.type, body)


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
