"""The mask of a maximum pooling: where in its image each maximum lies."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.graph import Shape, Size, TensorType
from netspec.graph.axes import SPATIAL
from netspec.lower.onnx.emitter import Emitter, bounded
from netspec.lower.onnx.steps.axes import AXES_AS_INPUT
from netspec.lower.onnx.steps.sizes import sizes_of, vector

LABELS = {"length": "places", "depth": "slices", "height": "rows", "width": "columns"}
"""What the steps along an axis are called."""


def max_pool(to: Emitter, **attributes: Any) -> None:
    """MaxPool, and the mask if the layer gives it.

    ONNX's indices run through the whole tensor: their rest by the area of an image is the place
    in it.
    """
    if len(to.node.tops) == 1:
        to.top("MaxPool", to.bottoms, **attributes)
        return
    type = to.node.tops[1].type
    places = to.top_beside("MaxPool", to.bottoms, "places", type, **attributes)
    to.further_top(1, "Mod", [places, _area(to)])


def global_mask(to: Emitter) -> None:
    """The mask of the maxima of whole images."""
    bottom = to.node.bottoms[0].type
    flat = bottom.with_shape(*bottom.shape[:2], bottom.shape[2:].elements)
    image = to.step("flat", "Reshape", [*to.bottoms, to.constant("vectors", [0, 0, -1])], flat)
    found = TensorType(Shape((*bottom.shape[:2], 1)), "int64")
    place = to.step("place", "ArgMax", [image], found, axis=2, keepdims=1)
    further = list(range(3, bottom.shape.rank))
    if further:
        to.further_top(1, "Unsqueeze", [place, to.constant("last", further)])
    else:
        to.further_top(1, "Identity", [place])


def gathered_mask(to: Emitter, indices: list[list[list[int]]]) -> None:
    """Maxima and mask of any windows: those that hold these rows and columns of the image, or of
    as many axes as there are.
    """
    bottom = to.node.bottoms[0].type
    axes = len(indices)
    counts, lengths = [len(each) for each in indices], [len(each[0]) for each in indices]
    area = prod(lengths)
    bounded(*counts, area)
    front, value = bottom.shape[:2], to.bottoms[0]
    sizes: list[Size] = list(bottom.shape[2:])
    for axis, windows in enumerate(indices):
        label = LABELS[SPATIAL[bottom.shape.rank][axis]]
        chosen = to.constant(f"{label}/indices", np.array(windows))
        sizes[2 * axis : 2 * axis + 1] = counts[axis], lengths[axis]
        taken = bottom.with_shape(*front, *sizes)
        value = to.step(label, "Gather", [value, chosen], taken, axis=2 + 2 * axis)
    if axes > 1:
        turned = bottom.with_shape(*front, *counts, *lengths)
        order = [0, 1, *range(2, 2 + 2 * axes, 2), *range(3, 3 + 2 * axes, 2)]
        value = to.step("turned", "Transpose", [value], turned, perm=order)
        shape = to.constant("shape", [0, 0, *counts, area])
        flat = bottom.with_shape(*front, *counts, area)
        value = to.step("windows", "Reshape", [value, shape], flat)
    last = 2 + axes
    number = to.step("number", "ArgMax", [value], to.node.tops[1].type, axis=last, keepdims=0)
    if to.opset < AXES_AS_INPUT:
        to.top("ReduceMax", [value], axes=[last], keepdims=0)
    else:
        to.top("ReduceMax", [value, to.constant("axis", [last])], keepdims=0)
    starts = np.arange(prod(counts)).reshape(counts) * area
    entry = to.step("entry", "Add", [number, to.constant("starts", starts)], to.node.tops[1].type)
    places = to.constant("places", _places(indices, bottom.shape))
    to.further_top(1, "Gather", [places, entry], axis=0)


def _places(indices: list[list[list[int]]], shape: Shape) -> NDArray[np.int64]:
    """Where in its image each element of each window lies, windows one behind the other."""
    places = np.zeros((), np.int64)
    for axis, windows in enumerate(indices):
        size = shape[2 + axis]
        assert isinstance(size, int)  # or there would be no indices
        # Windows come first, then what is in them, in the order of the axes.
        before, behind = (1,) * axis, (1,) * (len(indices) - axis - 1)
        count, length = np.shape(windows)
        along = np.reshape(windows, (*before, count, *behind, *before, length, *behind))
        places = places * size + along
    return places.ravel()


def _area(to: Emitter) -> str:
    """The elements of an image, computed when the network runs if they aren't known."""
    shape = to.node.bottoms[0].shape
    area = shape[2:].elements
    if isinstance(area, int):
        return to.constant("area", [area])

    size = sizes_of(to, "size", 0, 2, shape.rank)
    return to.step("area", "ReduceProd", [size], vector(1), keepdims=1)
