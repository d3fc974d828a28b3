"""The class of the network itself: its constructor's last lines, its forward, its results."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from netspec.expressions.syntax import names
from netspec.graph import Graph, Phase
from netspec.lower.options import TorchOptions as Options
from netspec.lower.torch.classes.classes import class_plan
from netspec.lower.torch.classes.groups import param_groups
from netspec.lower.torch.classes.plan import ClassPlan, ForwardPlan
from netspec.lower.torch.classes.settled import Settled
from netspec.lower.torch.code import (
    Block,
    Do,
    Name,
    Operation,
    Statement,
    call,
)
from netspec.lower.torch.python.layout import quoted
from netspec.lower.torch.structure.forms import Form
from netspec.lower.torch.structure.forward import Writer
from netspec.lower.torch.structure.multiples import checks
from netspec.lower.torch.structure.returns import Results
from netspec.lower.torch.structure.steps import Step
from netspec.lower.torch.structure.wiring import results
from netspec.lower.torch.terms.terms import Term
from netspec.lower.torch.terms.text import python


def root_class(
    graph: Graph,
    settled: Settled,
    counts: Sequence[Term],
    tensors: Mapping[str, str],
    taken: Collection[str],
    init: tuple[tuple[Statement, ...], str],
    last: Iterable[Statement],
    options: Options,
) -> ClassPlan:
    """The plan of the network's class; `last` is done to the weights behind all else."""
    statements, doc = init
    body = [*refusals(settled, counts), *settled.constructor]
    if statements:
        body.append(Do(call("self.init_weights")))
    body += last
    forward = None
    if settled.form is Form.CLASS:
        forward = root_forward(graph, settled.steps, tensors, taken, options)
    plan = class_plan(graph.class_name, settled, forward)
    groups = param_groups(graph)
    return replace(plan, body=tuple(body), init=statements, init_doc=doc, groups=groups)


def refusals(settled: Settled, counts: Iterable[Term]) -> Iterator[Statement]:
    """What refuses counts below one, for which nothing stands between two repeats."""
    by_var: dict[str, list[str]] = {}
    for term in dict.fromkeys(counts):
        for each in settled.parameters:
            if each.symbol in names(term):
                by_var.setdefault(each.name, []).append(python(term, settled.codes))
                break
    values = {each.name: each.values[0] for each in settled.parameters}
    for name, texts in by_var.items():
        least, subject = texts[0], texts[0]
        entries = [f"{name}[{at}]" for at in range(_length(values[name]))]
        if set(entries) == set(texts):
            least, subject = f"min({name})", f"each of {name}"
        elif len(texts) > 1:
            least = subject = f"min({', '.join(texts)})"
        error = call("raise ValueError", Name(quoted(f"{subject} should be at least 1")))
        yield Block("if", Operation((Name(least), Name("1")), ("<",)), (Do(error),))


def _length(value: object) -> int:
    return len(value) if isinstance(value, tuple) else 0


def root_forward(
    graph: Graph,
    steps: Sequence[Step],
    tensors: Mapping[str, str],
    taken: Collection[str],
    options: Options,
) -> ForwardPlan:
    """Inputs in order, those of the TRAIN phase optional; one result, or several together.

    Inputs whose sizes must be multiples are checked before anything is computed.
    """
    first = tuple(checks(graph))
    inputs = {blob.name: blob.name for blob in graph.inputs}
    parameters = tuple(
        f"{blob.name}: Tensor | None = None"
        if blob.phase is Phase.TRAIN
        else f"{blob.name}: Tensor"
        for blob in sorted(graph.inputs, key=lambda blob: blob.phase is Phase.TRAIN)
    )
    # What is always done comes first: see `Results`.
    found = sorted(steps, key=lambda step: len(step.condition))
    given = results(graph)
    main = [blob.name for blob in graph.inputs if blob.phase is None]
    names = [blob.name for blob in given]
    writer = Writer(found, inputs, names, tensors, taken, main)
    needs = {name: step.condition for step in found for name in step.outputs}
    if len(given) == 1 and not needs.get(given[0].name):
        return ForwardPlan(parameters, "Tensor", (*first, *writer.finish(given[0].name)))
    written = writer.conditional()
    values = {blob.name: writer.locals.use(blob.name) for blob in given}
    keys = {blob.name: graph.result_name(blob) for blob in given}
    found_results = Results(given, values, needs, None if options.tuple_outputs else keys)
    body = tuple(found_results.statements(written))
    return ForwardPlan(parameters, found_results.type, (*first, *body))
