"""Sizes that are known when the network runs: computed in the graph, as vectors of int64."""

from collections.abc import Sequence

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


def joined(to: Emitter, label: str, parts: Sequence[str], length: int) -> str:
    """Lists of sizes one behind the other."""
    return to.step(label, "Concat", parts, vector(length), axis=0)
