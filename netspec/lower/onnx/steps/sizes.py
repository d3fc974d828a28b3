"""Sizes that are known when the network runs: computed in the graph, as vectors of int64."""

from collections.abc import Sequence

import numpy as np

from netspec.graph import Shape, TensorType
from netspec.lower.onnx.emitter import Emitter

SCALAR = TensorType(Shape(()), "int64")


def vector(length: int) -> TensorType:
    """The type of a list of sizes."""
    return TensorType(Shape((length,)), "int64")


def sizes_of(to: Emitter, label: str, number: int, first: int, last: int) -> str:
    """The sizes of a bottom from the axis `first` to the one before `last`."""
    rank = to.node.bottoms[number].shape.rank
    whole = to.step(f"{label}_whole", "Shape", [to.bottoms[number]], vector(rank))
    if (first, last) == (0, rank):
        return whole
    ends = to.constant(f"{label}_start", [first]), to.constant(f"{label}_end", [last])
    return to.step(label, "Slice", [whole, *ends], vector(last - first))


def length_of(to: Emitter, label: str, number: int, axis: int) -> str:
    """The size of a bottom's axis, as a list of one."""
    size = to.node.bottoms[number].shape[axis]
    if isinstance(size, int):
        return to.constant(label, [size])
    return sizes_of(to, label, number, axis, axis + 1)


def places(to: Emitter, label: str, number: int, axis: int) -> str:
    """The numbers of the places along a bottom's axis, from 0 on."""
    length = length_of(to, f"{label}_length", number, axis)
    end = to.step(f"{label}_end", "Squeeze", [length, to.constant(f"{label}_axis", [0])], SCALAR)
    start, step = (
        to.constant(f"{label}_{n}", np.asarray(v)) for n, v in (("start", 0), ("step", 1))
    )
    type = TensorType(Shape((to.node.bottoms[number].shape[axis],)), "int64")
    return to.step(label, "Range", [start, end, step], type)


def joined(to: Emitter, label: str, parts: Sequence[str], length: int) -> str:
    """Lists of sizes one behind the other."""
    return to.step(label, "Concat", parts, vector(length), axis=0)
