"""Fresh weights to verify a network with: as its fillers draw them, but none of them constant.

Biases of 0 beside means of 0, scales of 1 beside variances of 1: one taken for another would give
the same, and what stands behind a scale of 0 would give nothing.
"""

import zlib
from collections.abc import Callable
from functools import partial

import numpy as np

from netspec.graph import Graph, Parameter
from netspec.lower.values import Array
from netspec.lower.weights import Weights, fresh

PART = 0.25
"""What a constant is moved by at most, as a part of it."""
LITTLE = 0.1
"""What a constant is moved by at least: a zero, or a scale so small that a branch has no effect."""


def varied(graph: Graph, seed: int) -> Weights:
    """The fresh weights of a graph, every constant one moved a little, element by element."""
    weights = fresh(graph, seed)
    by_name = {parameter.name: parameter for parameter in graph.parameters}
    makers: dict[str, Callable[[], Array]] = {}
    for name, parameter in by_name.items():
        filler = by_name.get(parameter.owner, parameter).filler
        if filler.type == "constant" and parameter.dtype.startswith("float"):
            makers[name] = partial(_moved, parameter, filler.value, seed)
    return weights.overlaid(makers)


def _moved(parameter: Parameter, value: float, seed: int) -> Array:
    # Layers that share values go by their owner's name.
    random = np.random.default_rng([seed, zlib.crc32(parameter.owner.encode())])
    by = max(abs(value) * PART, LITTLE)
    return np.asarray(random.uniform(value - by, value + by, parameter.shape), parameter.dtype)
