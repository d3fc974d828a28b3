"""What is made smaller: the network's own losses, or what the recipe compares its outputs by."""

from collections.abc import Iterator, Mapping, Sequence

from netspec.graph import Blob, Graph, Phase
from netspec.lower.torch.code import (
    Assign,
    Brackets,
    Expr,
    Literal,
    Name,
    Operation,
    Return,
    Statement,
    call,
)
from netspec.lower.torch.python.layout import flat, quoted
from netspec.lower.torch.structure.wiring import results
from netspec.lower.training.images import several_crops
from netspec.lower.training.plan import LossPlan
from netspec.recipes import Recipe


def loss_plan(graph: Graph, recipe: Recipe, variables: Mapping[str, str]) -> LossPlan:
    """The loss of a batch, and the figures of a test.

    `variables` are what the script calls the arrays of the data. With losses in the recipe the
    network has none, and with none it has some: `refusals` saw to that.
    """
    trained, tested = (_read(graph, phase) for phase in (Phase.TRAIN, Phase.TEST))
    if recipe.loss:
        terms = list(_compared(recipe, trained, variables))
        values = _figures(recipe, tested, variables)
        figures = dict(zip(figure_names(graph, recipe), values, strict=True))
    else:
        names = {blob.name: graph.result_name(blob) for blob in results(graph)}
        terms = [(trained[names[name]], weight) for name, weight in graph.losses.items()]
        figures = {name: tested[name] for name in figure_names(graph, recipe)}
    several = several_crops(recipe)
    return LossPlan(
        _given(graph, Phase.TRAIN, variables),
        _sum([_weighed(*each) for each in terms]),
        _given(graph, Phase.TEST, variables, ".flatten(0, 1)" if several else ""),
        tuple(figures),
        Assign(("means",), Brackets("[]", tuple(figures.values()))),
        (_averaged(recipe, tested),) if several else (),
    )


def figure_names(graph: Graph, recipe: Recipe) -> Sequence[str]:
    """The figures that a test tells: of outputs that the recipe compares, or the network's own."""
    if not recipe.loss:
        scalars = [blob for blob in _results(graph, Phase.TEST) if not blob.shape.rank]
        return [graph.result_name(blob) for blob in scalars]
    prefixes = [f"{output}_" if len(recipe.loss) > 1 else "" for output in recipe.loss]
    return [f"{prefix}{kind}" for prefix in prefixes for kind in ("loss", "accuracy")]


def _averaged(recipe: Recipe, tested: Mapping[str, Expr]) -> Statement:
    """The logarithms of mean probabilities, whose softmax is those again."""
    mean = "{}.softmax(1).unflatten(0, (len(keys), -1)).mean(1).log()"
    if len(tested) == 1:
        return Assign(("given",), Name(mean.format("given")))
    means = tuple(Name(mean.format(f"given[{quoted(name)}]")) for name in recipe.loss)
    return Assign(("given",), Brackets("{}", means, tuple(recipe.loss)))


def train_inputs(graph: Graph) -> Sequence[Blob]:
    """The inputs that training feeds."""
    return [blob for blob in graph.inputs if blob.phase in (None, Phase.TRAIN)]


def _compared(
    recipe: Recipe, read: Mapping[str, Expr], variables: Mapping[str, str]
) -> Iterator[tuple[Expr, float]]:
    for output, loss in recipe.loss.items():
        smoothing = loss.label_smoothing
        more = {"label_smoothing": Literal(smoothing)} if smoothing else {}
        label = Name(variables[loss.label])
        yield call("F.cross_entropy", read[output], label, **more), loss.weight


def _figures(
    recipe: Recipe, read: Mapping[str, Expr], variables: Mapping[str, str]
) -> Iterator[Expr]:
    for output, loss in recipe.loss.items():
        label, scores = variables[loss.label], read[output]
        yield call("F.cross_entropy", scores, Name(label))
        right = f"({flat(scores)}.argmax(1) == {label}).float().mean()"
        yield Name(right)


def _results(graph: Graph, phase: Phase) -> list[Blob]:
    return [blob for blob in results(graph) if blob.phase in (None, phase)]


def _read(graph: Graph, phase: Phase) -> dict[str, Expr]:
    """How each result is read from `given`, which is a dict where there are several."""
    names = [graph.result_name(blob) for blob in _results(graph, phase)]
    if len(names) == 1:
        return {names[0]: Name("given")}
    return {name: Name(f"given[{quoted(name)}]") for name in names}


def _given(graph: Graph, phase: Phase, variables: Mapping[str, str], parts: str = "") -> Statement:
    """The network's call: inputs of one phase alone by their names, as others may come first.
    `parts` makes items of an item's parts.
    """
    inputs = [blob for blob in graph.inputs if blob.phase in (None, phase)]
    shared = [Name(variables[blob.name] + parts) for blob in inputs if blob.phase is None]
    alone = {blob.name: Name(variables[blob.name]) for blob in inputs if blob.phase is not None}
    return Assign(("given",), call("model", *shared, **alone))


def _weighed(term: Expr, weight: float) -> Expr:
    return term if weight == 1 else Operation((Literal(weight), term), ("*",))


def _sum(terms: Sequence[Expr]) -> tuple[Statement, ...]:
    if len(terms) == 1:
        return (Return((terms[0],)),)
    first, *others = terms
    added = (Assign(("loss",), Operation((Name("loss"), each), ("+",))) for each in others)
    return (Assign(("loss",), first), *added, Return((Name("loss"),)))
