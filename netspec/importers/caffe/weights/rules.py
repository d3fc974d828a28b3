"""How a layer's parameters are made of Caffe's blobs.

Most are as they are there, but for the axes of size 1 by which the first Caffes made four of them.
BatchNorm's statistics are sums in Caffe.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from netspec.counted import counted
from netspec.graph import Node, Parameter, Shape
from netspec.importers.caffe.model.blobs import Array, Blob
from netspec.importers.caffe.weights.origins import Origin
from netspec.layers.normalization import BatchNorm

Made: TypeAlias = dict[str, Callable[[], Array]]
"""What makes the parameters of a layer, by their names."""


class Unfit(Exception):
    """Why blobs aren't a layer's, with the code of the diagnostic that says so."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Part:
    """What the weights have of a layer that another one was made of."""

    origin: Origin
    blobs: tuple[Blob, ...]


def made(node: Node, parts: Sequence[Part]) -> Made:
    """The parameters of a layer, made of the blobs of what it was in Caffe, as far as the weights
    have them. Unfit where blobs don't fit.
    """
    parameters = {each.name[len(node.module) + 1 :]: each for each in node.parameters}
    arrange = _ARRANGED.get(type(node.layer), _as_it_is)
    found: Made = {}
    for part in parts:
        _check_count(node, part)
        for suffix in dict.fromkeys(part.origin.blobs):
            if suffix in parameters:
                parameter = parameters[suffix]
                found[parameter.name] = arrange(part, parameter, _fitted(part, suffix, parameter))
    if found:
        found |= _silent(parameters, parts)
    return found


def _check_count(node: Node, part: Part) -> None:
    had, wanted = len(part.blobs), len(part.origin.blobs)
    if had != wanted:
        message = (
            f"`{part.origin.layer}` has {counted(had, 'blob')} in the weights, but {node.type} "
            f"`{node.path}` is made of {wanted}"
        )
        raise Unfit("weights-missing" if had < wanted else "weights-extra", message)


def _silent(parameters: dict[str, Parameter], parts: Sequence[Part]) -> Made:
    """Biases that Caffe has no blob for: they are zero."""
    named = {suffix for part in parts for suffix in part.origin.blobs}
    if not any(suffix.startswith("weight") for suffix in named):
        return {}
    return {
        each.name: partial(np.zeros, each.shape, np.float32)
        for suffix, each in parameters.items()
        if suffix.startswith("bias") and suffix not in named
    }


def _fitted(part: Part, suffix: str, parameter: Parameter) -> Callable[[], Array]:
    """What makes a parameter of its blob, which has as many numbers in the same order."""
    number = part.origin.blobs.index(suffix)
    blob = part.blobs[number]
    if not same_shape(blob.shape, parameter.shape):
        raise Unfit(
            "weights-shape",
            f"blob {number} of `{part.origin.layer}` is {_shown(blob.shape)} in the weights, but "
            f"`{parameter.name}` is {_shown(parameter.shape)}",
        )
    return partial(_reshaped, blob, parameter.shape)


def _shown(shape: tuple[int, ...]) -> str:
    return str(Shape(shape)) if shape else "a single number"


def same_shape(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two shapes are the same but for axes of size 1 in front, which the first Caffes
    filled up to four; of a vector, behind it too.

    >>> same_shape((1, 1, 10, 500), (10, 500)), same_shape((1, 64, 1, 1), (64,))
    (True, True)
    >>> same_shape((64, 1, 3, 3), (64, 3, 3)), same_shape((500, 10), (10, 500))
    (False, False)
    """
    if len(other) <= 1:
        return _wide(one) == _wide(other)
    return _without_front(one) == _without_front(other)


def _wide(shape: tuple[int, ...]) -> list[int]:
    return [size for size in shape if size != 1]


def _without_front(shape: tuple[int, ...]) -> tuple[int, ...]:
    start = next((axis for axis, size in enumerate(shape) if size != 1), len(shape))
    return shape[start:]


def _reshaped(blob: Blob, shape: tuple[int, ...]) -> Array:
    return blob.read().reshape(shape)


Arrange: TypeAlias = Callable[[Part, Parameter, Callable[[], Array]], Callable[[], Array]]
"""What makes a parameter of what makes it as Caffe has it."""


def _as_it_is(part: Part, parameter: Parameter, read: Callable[[], Array]) -> Callable[[], Array]:
    return read


def _averaged(part: Part, parameter: Parameter, read: Callable[[], Array]) -> Callable[[], Array]:
    """Statistics of sums, which a further blob says what to divide by."""
    if not parameter.buffer or "" not in part.origin.blobs:
        return read
    number = part.origin.blobs.index("")
    factor = part.blobs[number]
    if not same_shape(factor.shape, ()):
        raise Unfit(
            "weights-shape",
            f"blob {number} of `{part.origin.layer}` is {_shown(factor.shape)} in the weights, "
            "but what a BatchNorm's statistics are divided by is a single number",
        )
    return partial(_divided, read, factor)


def _divided(read: Callable[[], Array], factor: Blob) -> Array:
    """Sums as averages; of none they are 0, as in Caffe."""
    values = read()
    (total,) = factor.read().reshape(-1).astype(values.dtype)
    # Caffe multiplies by the reciprocal, which is rounded.
    return np.zeros_like(values) if total == 0 else values * (values.dtype.type(1) / total)


_ARRANGED: dict[type[object], Arrange] = {BatchNorm: _averaged}
