"""`param_groups`: the multipliers of the spec as groups of parameters that any optimizer takes."""

from collections import Counter
from collections.abc import Iterable

from netspec.graph import Graph
from netspec.lower.torch.classes.plan import GroupsPlan
from netspec.lower.torch.code import Assign, Brackets, Expr, Literal, Name, Return, Statement
from netspec.lower.torch.python.layout import number

Multipliers = tuple[float, float]
"""Of the learning rate and of the weight decay."""

ONE = (1.0, 1.0)
BIAS = ".bias"


def param_groups(graph: Graph) -> GroupsPlan:
    """The body: one group, a group each for weights and biases, or groups with exceptions."""
    found = _multipliers(graph)
    of_weights = [each for name, each in found.items() if not name.endswith(BIAS)]
    of_biases = [each for name, each in found.items() if name.endswith(BIAS)]
    # Where there is but one kind, the other goes with it.
    weights, biases = _common(of_weights or of_biases), _common(of_biases or of_weights)
    default = {name: biases if name.endswith(BIAS) else weights for name in found}
    exceptions = {name: each for name, each in found.items() if each != default[name]}
    if exceptions:
        return GroupsPlan((Assign(("exceptions",), _display(exceptions)),), weights, biases)
    if weights == biases:
        every = Assign(("params",), Name("[*self.parameters()]"))
        group = _group(Name("params"), weights)
        return GroupsPlan((every, Return((Brackets("[]", (group,)),))))
    return GroupsPlan(tuple(_two_groups(weights, biases)))


def _multipliers(graph: Graph) -> dict[str, Multipliers]:
    """Those of each parameter, by the first of its names, which is the one PyTorch tells."""
    owners = {p.name: (p.lr_mult, p.decay_mult) for p in graph.parameters if not p.shared}
    first: dict[str, str] = {}
    for parameter in graph.parameters:
        if not parameter.buffer:
            first.setdefault(parameter.owner, parameter.name)
    # A frozen one gets no gradient, so that its multipliers don't matter.
    return {name: owners[owner] for owner, name in first.items() if owners[owner][0]}


def _common(multipliers: Iterable[Multipliers]) -> Multipliers:
    counts = Counter(multipliers).most_common(1)
    return counts[0][0] if counts else ONE


def _two_groups(weights: Multipliers, biases: Multipliers) -> Iterable[Statement]:
    chosen = "[p for name, p in named if {}name.endswith({})]"
    yield Assign(("named",), Name("[*self.named_parameters()]"))
    yield Assign(("weights",), Name(chosen.format("not ", f'"{BIAS}"')))
    yield Assign(("biases",), Name(chosen.format("", f'"{BIAS}"')))
    groups = (_group(Name("weights"), weights), _group(Name("biases"), biases))
    yield Return((Brackets("[]", groups),))


def _group(parameters: Expr, multipliers: Multipliers) -> Expr:
    lr, decay = multipliers
    values = (parameters, Name(scaled(lr, "lr")), Name(scaled(decay, "weight_decay")))
    return Brackets("{}", values, ("params", "lr", "weight_decay"))


def scaled(factor: float, name: str) -> str:
    """A factor times a variable, as a person writes it.

    >>> scaled(1, "lr"), scaled(2.0, "lr"), scaled(0, "lr"), scaled(1 / 3, "lr")
    ('lr', '2 * lr', '0.0', '0.3333333333333333 * lr')
    """
    if factor in (0, 1):
        return name if factor else "0.0"
    whole = factor == int(factor) and abs(factor) < 1e16
    return f"{int(factor) if whole else number(factor)} * {name}"


def _display(multipliers: dict[str, Multipliers]) -> Expr:
    items = (pair(each) for each in multipliers.values())
    return Brackets("{}", tuple(items), tuple(multipliers))


def pair(multipliers: Multipliers) -> Expr:
    """A tuple of floats."""
    return Brackets("()", tuple(Literal(float(each)) for each in multipliers))
