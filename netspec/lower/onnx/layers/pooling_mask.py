"""The mask of a maximum pooling: where in its image each maximum lies."""

from typing import Any

import numpy as np

from netspec.graph import Shape, Size, TensorType
from netspec.lower.onnx.emitter import Emitter, bounded
from netspec.lower.onnx.steps.axes import AXES_AS_INPUT
from netspec.lower.onnx.steps.sizes import sizes_of, vector


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
    height, width = bottom.shape[2:]
    flat = bottom.with_shape(*bottom.shape[:2], height * width)
    image = to.step("flat", "Reshape", [*to.bottoms, to.constant("vectors", [0, 0, -1])], flat)
    found = TensorType(Shape((*bottom.shape[:2], 1)), "int64")
    place = to.step("place", "ArgMax", [image], found, axis=2, keepdims=1)
    to.further_top(1, "Unsqueeze", [place, to.constant("last", [3])])


def gathered_mask(to: Emitter, rows: list[list[int]], columns: list[list[int]]) -> None:
    """Maxima and mask of any windows: those that hold these rows and columns of the image."""
    bottom = to.node.bottoms[0].type
    batch, channels, _, width = bottom.shape
    counts, lengths = (len(rows), len(columns)), (len(rows[0]), len(columns[0]))
    area = lengths[0] * lengths[1]
    bounded(*counts, area)

    def taken(label: str, value: str, indices: list[list[int]], axis: int, *shape: Size) -> str:
        chosen = to.constant(f"{label}/indices", np.array(indices))
        type = bottom.with_shape(batch, channels, *shape)
        return to.step(label, "Gather", [value, chosen], type, axis=axis)

    value = taken("rows", to.bottoms[0], rows, 2, counts[0], lengths[0], width)
    value = taken("columns", value, columns, 4, counts[0], lengths[0], counts[1], lengths[1])
    turned = bottom.with_shape(batch, channels, *counts, *lengths)
    value = to.step("turned", "Transpose", [value], turned, perm=[0, 1, 2, 4, 3, 5])
    shape = to.constant("shape", [0, 0, *counts, area])
    flat = bottom.with_shape(batch, channels, *counts, area)
    value = to.step("windows", "Reshape", [value, shape], flat)
    number = to.step("number", "ArgMax", [value], to.node.tops[1].type, axis=4, keepdims=0)
    if to.opset < AXES_AS_INPUT:
        to.top("ReduceMax", [value], axes=[4], keepdims=0)
    else:
        to.top("ReduceMax", [value, to.constant("axis", [4])], keepdims=0)
    assert isinstance(width, int)  # or there would be no indices
    starts = np.arange(counts[0] * counts[1]).reshape(counts) * area
    entry = to.step("entry", "Add", [number, to.constant("starts", starts)], to.node.tops[1].type)
    row, column = np.array(rows)[:, None, :, None], np.array(columns)[None, :, None, :]
    places = to.constant("places", (row * width + column).ravel())
    to.further_top(1, "Gather", [places, entry], axis=0)


def _area(to: Emitter) -> str:
    """The elements of an image, computed when the network runs if they aren't known."""
    height, width = to.node.bottoms[0].shape[2:]
    area = height * width
    if isinstance(area, int):
        return to.constant("area", [area])

    size = sizes_of(to, "size", 0, 2, 4)
    return to.step("area", "ReduceProd", [size], vector(1), keepdims=1)
