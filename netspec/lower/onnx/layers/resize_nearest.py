"""Upsample with the nearest element: row floor(i·H / H') of the bottom, as PyTorch computes it.

PyTorch multiplies i by the quotient H / H' in single precision, ONNX Runtime divides by H' / H. For
whole factors up to 40 both give what the formula says. For others each is now and then one off
where i·H / H' is whole or nearly so, and not in the same places: there the rows are gathered by
PyTorch's own indices.
"""

import numpy as np

from netspec.graph import Shape, Size, TensorType
from netspec.graph.axes import axis_names
from netspec.layers.fields import SymbolicExtents, spread
from netspec.layers.resize import Upsample
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter, bounded
from netspec.lower.onnx.steps.sizes import SCALAR, joined, sizes_of, told

GREATEST_FACTOR = 40
"""i·(1/41) in single precision falls below 1 for i = 41; no smaller factor has such an i."""
SINGLE = TensorType(Shape(()), "float32")
LABELS = {"length": "places", "depth": "slices", "height": "rows", "width": "columns"}
"""What the indices along an axis are called."""


def nearest(layer: Upsample, to: Emitter) -> None:
    axes = to.node.bottoms[0].shape.rank - 2
    factors = _factors(to) if layer.scale is None else spread(layer.scale, axes)
    if factors is not None and max(factors) <= GREATEST_FACTOR:
        if _must_read(to):
            times = ["", sizes(to, sizes_of(to, "size", 1, 2, 2 + axes))]
        else:
            times = [to.constant("scales", np.asarray([1, 1, *factors], np.float32))]
        to.top(
            "Resize",
            [to.bottoms[0], "", *times],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
        return
    value, type, top = to.bottoms[0], to.node.bottoms[0].type, to.node.tops[0].shape
    for axis in range(2, 1 + axes):
        indices = _indices(layer, to, axis)
        type = TensorType(type.shape.replace(axis, top[axis]), type.dtype)
        label = "stretched" if axis == 2 else f"stretched{axis - 1}"
        value = to.step(label, "Gather", [value, indices], type, axis=axis)
    to.top("Gather", [value, _indices(layer, to, 1 + axes)], axis=1 + axes)


def sizes(to: Emitter, size: str) -> str:
    """Resize's `sizes`: the bottom's first two, and those of the spatial axes."""
    rank = to.node.bottoms[0].shape.rank
    return joined(to, "sizes", [sizes_of(to, "front", 0, 0, 2), size], rank)


def _must_read(to: Emitter) -> bool:
    return len(to.bottoms) == 2 and to.must_read(1)


def _factors(to: Emitter) -> tuple[int, ...] | None:
    """Whole factors between the sizes, if they are known and there are such."""
    found = []
    bottom, top = to.node.bottoms[0].shape, to.node.tops[0].shape
    for size, wanted in zip(bottom[2:], top[2:], strict=True):
        if isinstance(size, int) and isinstance(wanted, int) and wanted % size == 0:
            found.append(wanted // size)
    return tuple(found) if len(found) == bottom.rank - 2 else None


def _indices(layer: Upsample, to: Emitter, axis: int) -> str:
    """Which row or column of the bottom each of the top's is."""
    shape = to.node.bottoms[0].shape
    label = LABELS[axis_names(shape.rank)[axis - 1]]
    size, wanted = shape[axis], to.node.tops[0].shape[axis]
    if isinstance(size, int) and isinstance(wanted, int) and not _must_read(to):
        step = np.float32(size) / np.float32(wanted)
        indices = np.floor(np.arange(*bounded(wanted), dtype=np.float32) * step)
        return to.constant(label, indices.astype(np.int64))
    return _computed(layer, to, axis, label)


def _computed(layer: Upsample, to: Emitter, axis: int, label: str) -> str:
    """The same when the sizes aren't known before the network runs."""
    zero, one = (to.constant(f"{label}_{n}", np.asarray(n)) for n in (0, 1))
    size = _scalar(to, f"{label}_size", sizes_of(to, f"{label}_sizes", 0, axis, axis + 1))
    if len(to.bottoms) == 2:
        wanted = _scalar(to, f"{label}_wanted", sizes_of(to, f"{label}_sizes2", 1, axis, axis + 1))
    elif layer.size is not None:
        there = _along(layer.size, to, axis)
        if isinstance(there, int):
            wanted = to.constant(f"{label}_wanted", np.asarray(there))
        else:
            wanted = _scalar(to, f"{label}_wanted", told(to, f"{label}_told", [there], [axis]))
    else:
        assert layer.scale is not None
        factor = to.constant(f"{label}_factor", np.asarray(_along(layer.scale, to, axis)))
        wanted = to.step(f"{label}_wanted", "Mul", [size, factor], SCALAR)
    quotient = [_single(to, f"{label}_single{n}", each) for n, each in enumerate((size, wanted))]
    step = to.step(f"{label}_step", "Div", quotient, SINGLE)
    count = TensorType(Shape((to.node.tops[0].shape[axis],)), "int64")
    numbers = to.step(f"{label}_numbers", "Range", [zero, wanted, one], count)
    places = [_single(to, f"{label}_places", numbers, count.shape), step]
    exact = to.step(f"{label}_exact", "Mul", places, TensorType(count.shape, "float32"))
    whole = to.step(f"{label}_whole", "Floor", [exact], TensorType(count.shape, "float32"))
    return to.step(label, "Cast", [whole], count, to=ELEMENT_TYPES["int64"])


def _along(given: SymbolicExtents, to: Emitter, axis: int) -> Size:
    """The one of a field's sizes that is for the axis."""
    return spread(given, to.node.bottoms[0].shape.rank - 2)[axis - 2]


def _scalar(to: Emitter, label: str, sizes: str) -> str:
    """The only one of a list of sizes."""
    return to.step(label, "Squeeze", [sizes], SCALAR)


def _single(to: Emitter, label: str, value: str, shape: Shape = SINGLE.shape) -> str:
    """Integers as numbers of single precision."""
    type = TensorType(shape, "float32")
    return to.step(label, "Cast", [value], type, to=ELEMENT_TYPES["float32"])
