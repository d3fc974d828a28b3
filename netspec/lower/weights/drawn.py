"""Fresh weights: every parameter as its filler draws it."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np

from netspec.graph import Graph, Parameter
from netspec.lower.values import Array, element_type
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
        owner = by_name.get(parameter.owner, parameter)
        if owner.values is None:
            kind = parameter.dtype
            made[name] = partial(draw, parameter.owner, parameter.shape, owner.filler, seed, kind)
        else:
            made[name] = partial(_given, owner.values, parameter.shape, parameter.dtype)
    return made


def _given(values: Sequence[float], shape: tuple[int, ...], dtype: str) -> Array:
    """The elements of a constant."""
    elements = np.array(values, element_type(dtype))
    return np.full(shape, elements[0]) if elements.size == 1 else elements.reshape(shape)
