"""ROIPooling without ONNX's own operator: maxima over what rows and columns leave of an image."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.graph import TensorType
from netspec.layers.roi import ROIPooling
from netspec.lower.onnx.emitter import Emitter, bounded
from netspec.lower.onnx.layers.roi_axis import RegionAxis, images_of, sides
from netspec.lower.values import lowest_number

TURNED = [0, 1, 3, 2]
"""Rows and columns in each other's place."""


def pool_by_masks(layer: ROIPooling, to: Emitter, boxes: str, item: str) -> None:
    """The layer's top, from boxes R×4 and the index of each one's image.

    The maxima are taken over columns first, then over rows.
    """
    image, regions = to.node.bottoms[0].type, to.node.bottoms[1].shape[0]
    _, channels, height, _ = image.shape
    left, above, right, below = sides(to, boxes, layer.spatial_scale)
    rows = _Windows(to, "rows", 2).masks(above, below, layer.pooled_h)
    columns = _Windows(to, "columns", 3).masks(left, right, layer.pooled_w)
    whole = image.with_shape(regions, *image.shape[1:])
    strips = _maxima(to, "strips", images_of(to, item), whole, columns, layer.pooled_w)
    across = image.with_shape(regions, channels, layer.pooled_w, height)
    turned = to.step("across", "Transpose", [strips], across, perm=TURNED)
    maxima = _maxima(to, "windows", turned, across, rows, layer.pooled_h)
    pooled = image.with_shape(regions, channels, layer.pooled_w, layer.pooled_h)
    inputs = [maxima, to.float_constant("nothing", lowest_number(image.dtype))]
    empty = to.step("empty", "LessOrEqual", inputs, TensorType(pooled.shape, "bool"))
    inputs = [empty, to.float_constant("zero", 0), maxima]
    to.top("Transpose", [to.step("filled", "Where", inputs, pooled)], perm=TURNED)


def _maxima(to: Emitter, label: str, value: str, type: TensorType, masks: str, count: int) -> str:
    """Instead of the last axis one of so many windows: the maxima over what each mask keeps."""
    *front, size = type.shape
    last = to.constant(f"{label}/last", [3])
    apart = type.with_shape(*front, 1, size)
    each = to.step(f"{label}/each", "Unsqueeze", [value, last], apart)
    second = to.constant(f"{label}/second", [2])
    across = TensorType(type.with_shape(front[0], 1, 1, count, size).shape, "bool")
    kept = to.step(f"{label}/kept", "Unsqueeze", [masks, second], across)
    # Not −∞, for which runtimes put the lowest number here and there.
    nothing = to.float_constant(f"{label}/nothing", lowest_number(type.dtype))
    inputs = [kept, each, nothing]
    masked = to.step(f"{label}/masked", "Where", inputs, type.with_shape(*front, count, size))
    axis = to.constant(f"{label}/axis", [4])
    maxima = type.with_shape(*front, count)
    return to.step(label, "ReduceMax", [masked, axis], maxima, keepdims=0)


class _Windows(RegionAxis):
    """The windows along an axis; shapes are regions×1×windows×elements."""

    def masks(self, start: str, end: str, count: int) -> str:
        """Which elements belong to which of a region's windows, in float32 as Caffe computes."""
        regions = self.regions
        start, end = self.rounded("start", start), self.rounded("end", end)
        extent = self.step("extent", "Sub", [end, start], regions, 1, 1, 1)
        whole = self.step("whole", "Add", [extent, self.number("one", 1)], regions, 1, 1, 1)
        least = self.step("least", "Max", [whole, self.number("least_of", 1)], regions, 1, 1, 1)
        length = self.step("length", "Div", [least, self.number("count", count)], regions, 1, 1, 1)
        numbers = np.arange(*bounded(count)).reshape(count, 1)
        first = self._edge("first", "Floor", length, numbers, start)
        behind = self._edge("behind", "Ceil", length, numbers + 1, start)
        _, element = self.elements()
        sizes = (regions, 1, count, self.size)
        kept = [
            self.mark("from_first", "GreaterOrEqual", [element, first], *sizes),
            self.mark("to_behind", "Less", [element, behind], *sizes),
        ]
        return self.mark("masks", "And", kept, *sizes)

    def _edge(self, label: str, way: str, length: str, numbers: NDArray[Any], start: str) -> str:
        """A bound of each window, rounded to a whole element."""
        sizes = (self.regions, 1, len(numbers), 1)
        number = self.number(f"{label}/number", numbers)
        offset = self.step(f"{label}/offset", "Mul", [length, number], *sizes)
        rounded = self.step(f"{label}/rounded", way, [offset], *sizes)
        return self.step(label, "Add", [rounded, start], *sizes)
