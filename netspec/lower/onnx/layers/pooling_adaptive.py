"""Pooling into a given number of windows (`output_size`), which ONNX has no operator for.

Window i of n over a size s reaches from floor(i·s/n) to ceil((i + 1)·s/n). Where all windows are
of one length and one step they are plain pooling. Otherwise the axes are pooled one after another,
which both maximum and average allow: a maximum over gathered windows, an average by
taking those that are wanted out of the averages of windows at every place. (As a product with a
matrix it would be shorter, but sums of 8-bit products overflow in quantized networks.)
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from netspec.graph import Size, TensorType
from netspec.graph.axes import SPATIAL
from netspec.layers.pooling import Pooling
from netspec.lower.onnx.emitter import Emitter, NotLowerable, bounded
from netspec.lower.onnx.layers.pooling_mask import LABELS, gathered_mask, global_mask, max_pool

Windows: TypeAlias = list[tuple[int, int]]
"""Where each window starts and ends (exclusive)."""

Emit: TypeAlias = Callable[..., str]
"""Emitter.top, or Emitter.step with its label and type bound."""


def adaptive_pooling(layer: Pooling, to: Emitter) -> None:
    """Write the layer's nodes; NotLowerable where windows depend on a symbolic size."""
    name = "Max" if layer.pool == "MAX" else "Average"
    counts = layer.counts(to.node.bottoms[0].shape.rank - 2)
    if set(counts) == {1}:
        to.top(f"Global{name}Pool", to.bottoms)
        if len(to.node.tops) > 1:
            global_mask(to)
        return
    shape = to.node.bottoms[0].shape
    steps = [
        _regular(windows(size, count)) if isinstance(size, int) else None
        for size, count in zip(shape[2:], counts, strict=True)
    ]
    if None not in steps:
        kernels, strides = zip(*filter(None, steps), strict=True)
        if layer.pool == "MAX":
            max_pool(to, kernel_shape=kernels, strides=strides)
        else:
            to.top("AveragePool", to.bottoms, kernel_shape=kernels, strides=strides)
        return
    if len(to.node.tops) > 1:
        gathered_mask(to, [_indices(to, axis) for axis in range(2, shape.rank)])
        return
    pool = _max_along if layer.pool == "MAX" else _average_along
    # The last axis first: its windows lie together in memory, and less remains for the others.
    value, type = to.bottoms[0], to.node.bottoms[0].type
    for axis in range(shape.rank - 1, 2, -1):
        smaller = TensorType(type.shape.replace(axis, counts[axis - 2]), type.dtype)
        value = pool(to, value, type, axis, partial(to.step, _label(to, axis), type=smaller))
        type = smaller
    pool(to, value, type, 2, to.top)


def windows(size: int, count: int) -> Windows:
    """PyTorch's adaptive windows; NotLowerable where they are too many.

    >>> windows(5, 3)
    [(0, 2), (1, 4), (3, 5)]
    """
    bounded(count)
    return [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


def _regular(windows: Windows) -> tuple[int, int] | None:
    """The kernel size and stride of the pooling that has these windows, None where none has."""
    starts, lengths = [start for start, _ in windows], {end - start for start, end in windows}
    steps = {after - before for before, after in pairwise(starts)} or {1}
    if len(lengths) > 1 or len(steps) > 1 or 0 in steps:
        return None
    return lengths.pop(), steps.pop()


def _average_along(to: Emitter, value: str, type: TensorType, axis: int, emit: Emit) -> str:
    count = _count(to, axis)
    if count == 1:
        return _reduce(to, "ReduceMean", value, axis, emit)
    size = _known(to, type.shape[axis], axis)
    spans = windows(size, count)
    regular = _regular(spans)
    if regular is not None:
        kernel, strides = (_along(axis, each, type) for each in regular)
        return emit("AveragePool", [value], kernel_shape=kernel, strides=strides)
    label = _label(to, axis)
    # Windows of each length at every place: those of the second length stand behind the first's.
    first: dict[int, int] = {}
    pools, places = [], 0
    for length in sorted({end - start for start, end in spans}):
        first[length] = places
        places += size - length + 1
        pools.append(_averages(to, f"{label}/averages{length}", value, type, axis, length))
    every = pools[0]
    if len(pools) > 1:
        whole = TensorType(type.shape.replace(axis, places), type.dtype)
        every = to.step(f"{label}/averages", "Concat", pools, whole, axis=axis)
    wanted = [first[end - start] + start for start, end in spans]
    return emit("Gather", [every, to.constant(f"{label}/windows", wanted)], axis=axis)


def _averages(to: Emitter, label: str, value: str, type: TensorType, axis: int, length: int) -> str:
    """The averages of the windows of a length, at every place along an axis."""
    if length == 1:
        return value
    size = type.shape[axis]
    pooled = TensorType(type.shape.replace(axis, size - length + 1), type.dtype)
    return to.step(label, "AveragePool", [value], pooled, kernel_shape=_along(axis, length, type))


def _along(axis: int, extent: int, type: TensorType) -> list[int]:
    """An extent of windows along an axis, 1 along the others."""
    return [extent if each == axis else 1 for each in range(2, type.shape.rank)]


def _label(to: Emitter, axis: int) -> str:
    return LABELS[_name(to, axis)]


def _name(to: Emitter, axis: int) -> str:
    return SPATIAL[to.node.bottoms[0].shape.rank][axis - 2]


def _max_along(to: Emitter, value: str, type: TensorType, axis: int, emit: Emit) -> str:
    count = _count(to, axis)
    if count == 1:
        return _reduce(to, "ReduceMax", value, axis, emit)
    indices = _indices(to, axis)
    longest = len(indices[0])
    label = _label(to, axis)
    shape = type.shape
    gathered = to.step(
        f"{label}/windows",
        "Gather",
        [value, to.constant(f"{label}/indices", np.array(indices))],
        type.with_shape(*shape[:axis], count, longest, *shape[axis + 1 :]),
        axis=axis,
    )
    return _reduce(to, "ReduceMax", gathered, axis + 1, emit, keepdims=0)


def _indices(to: Emitter, axis: int) -> list[list[int]]:
    """The elements of the bottom that each window along an axis holds, as many for each.

    A shorter window names its last element again, which a maximum doesn't mind.
    """
    size, count = _known(to, to.node.bottoms[0].shape[axis], axis), _count(to, axis)
    bounded(count, size // count + 2)
    spans = windows(size, count)
    longest = max(end - start for start, end in spans)
    return [[min(start + k, end - 1) for k in range(longest)] for start, end in spans]


def _reduce(
    to: Emitter, operator: str, value: str, axis: int, emit: Emit, keepdims: int = 1
) -> str:
    if to.opset >= 18:  # the axes, an attribute until then, are an input
        axes = to.constant("axis", [axis])
        return emit(operator, [value, axes], keepdims=keepdims)
    return emit(operator, [value], axes=[axis], keepdims=keepdims)


def _count(to: Emitter, axis: int) -> int:
    count = to.node.tops[0].shape[axis]
    assert isinstance(count, int)  # one of `output_size`
    return count


def _known(to: Emitter, size: Size, axis: int) -> int:
    if not isinstance(size, int):
        raise NotLowerable(
            f"ONNX has no adaptive pooling: its windows must be known, but the bottom's "
            f"{_name(to, axis)} is {size}"
        )
    return size
