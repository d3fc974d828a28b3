"""Fresh weights: every parameter as its filler draws it."""

from collections.abc import Callable, Iterable
from functools import partial

from netspec.graph import Graph, Parameter
from netspec.lower.values import Array
from netspec.lower.weights.fillers import draw
from netspec.lower.weights.made import Weights


def fresh(graph: Graph, seed: int = 0) -> Weights:
    """Weights as the fillers of all the graph's parameters draw them.

    A tensor depends on `seed` and the name of the parameter that owns the values alone. The graph
    should hold both phases: the owner, whose filler counts, may stand in the other one.
    """
    return Weights(makers(graph.parameters, seed))


def makers(parameters: Iterable[Parameter], seed: int) -> dict[str, Callable[[], Array]]:
    """What draws each parameter, by name."""
    by_name = {parameter.name: parameter for parameter in parameters}
    made: dict[str, Callable[[], Array]] = {}
    for name, parameter in by_name.items():
        filler = by_name.get(parameter.owner, parameter).filler
        made[name] = partial(draw, parameter.owner, parameter.shape, filler, seed, parameter.dtype)
    return made
