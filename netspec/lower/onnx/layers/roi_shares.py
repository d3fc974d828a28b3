"""PSROIPooling: the average of a window as a product of its shares and a map."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.graph import Size, TensorType
from netspec.layers.roi import PSROIPooling
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter, bounded
from netspec.lower.onnx.layers.roi_axis import PLACES, RegionAxis, sides


def pool_by_shares(layer: PSROIPooling, to: Emitter, boxes: str, item: str) -> None:
    """The layer's top, from boxes R×4 and the index of each one's image."""
    image, regions = to.node.bottoms[0].type, to.node.bottoms[1].shape[0]
    side, windows = layer.group_size, layer.group_size**2
    inputs = [_shares(layer, to, boxes, item), _maps(layer, to)]
    sums = to.step("sums", "MatMul", inputs, image.with_shape(windows, regions, layer.output_dim))
    turned = image.with_shape(regions, layer.output_dim, windows)
    last = to.step("last", "Transpose", [sums], turned, perm=[1, 2, 0])
    to.top("Reshape", [last, to.constant("shape", [0, 0, side, side])])


def _maps(layer: PSROIPooling, to: Emitter) -> str:
    """The elements of all images that each window is taken from: windows×elements×channels."""
    image = to.node.bottoms[0].type
    batch, channels, height, width = image.shape
    windows, depth, size = layer.group_size**2, layer.output_dim, height * width
    steps = (
        ("flat", "Reshape", [0, 0, -1], (batch, channels, size)),
        ("apart", "Reshape", [0, depth, windows, -1], (batch, depth, windows, size)),
        ("channels_last", "Transpose", [2, 0, 3, 1], (windows, batch, size, depth)),
        ("maps", "Reshape", [0, -1, depth], (windows, batch * size, depth)),
    )
    value = to.bottoms[0]
    for label, operator, how, sizes in steps:
        type = image.with_shape(*sizes)
        if operator == "Transpose":
            value = to.step(label, operator, [value], type, perm=how)
        else:
            shape = to.constant(f"{label}/shape", how)
            value = to.step(label, operator, [value, shape], type)
    return value


def _shares(layer: PSROIPooling, to: Emitter, boxes: str, item: str) -> str:
    """What each element of all images adds to each window: windows×regions×elements."""
    image, regions = to.node.bottoms[0].type, to.node.bottoms[1].shape[0]
    batch, _, height, width = image.shape
    side, windows, size = layer.group_size, layer.group_size**2, height * width
    left, above, right, below = sides(to, boxes, 1.0)
    rows, columns = _Shares(to, "rows", 2), _Shares(to, "columns", 3)
    down = rows.placed(rows.shares(layer, above, below), [2, 4], regions, side, 1, height, 1)
    across = columns.placed(columns.shares(layer, left, right), [1, 3], regions, 1, side, 1, width)
    both = rows.step("both", "Mul", [down, across], regions, side, side, height, width)
    merged = rows.merged("merged", both, 3, [-1, windows, 0], regions, windows, size)
    # Not right before the product: where there are no regions ONNX Runtime would die of it.
    turned = rows.step("turned", "Transpose", [merged], windows, regions, size, perm=[1, 0, 2])
    single = rows.step(
        "single", "Unsqueeze", [turned, to.constant("images_axis", [2])], windows, regions, 1, size
    )
    items = _Shares(to, "items", 0)
    inputs = [single, items.chosen(item)]
    own = items.step("own", "Mul", inputs, windows, regions, batch, size)
    every = items.merged("every", own, 2, [windows, -1, 0], windows, regions, batch * size)
    return items.of_image("shares", every, windows, regions, batch * size)


class _Shares(RegionAxis):
    """The windows along an axis; shapes are regions×1×windows×elements."""

    def shares(self, layer: PSROIPooling, start: str, end: str) -> str:
        """What each element adds to the mean of each of a region's windows, in float32."""
        regions, count = self.regions, layer.group_size
        scale = self.number("scale", layer.spatial_scale)
        single = (regions, 1, 1, 1)
        start = self.step("start", "Mul", [self.rounded("from", start), scale], *single)
        behind = [self.rounded("to", end), self.number("one", 1)]
        end = self.step("end", "Mul", [self.step("behind", "Add", behind, *single), scale], *single)
        extent = self.step("extent", "Sub", [end, start], *single)
        least = self.step("least", "Max", [extent, self.number("least_of", 0.1)], *single)
        length = self.step("length", "Div", [least, self.number("count", count)], *single)
        numbers = np.arange(*bounded(count)).reshape(count, 1)
        sizes = (regions, 1, count, self.size)
        _, element = self.elements()
        first, last = (
            self._edge(label, way, length, number, start)
            for label, way, number in (("first", "Floor", numbers), ("last", "Ceil", numbers + 1))
        )
        kept = [
            self.mark("from_first", "GreaterOrEqual", [element, first], *sizes),
            self.mark("before_last", "Less", [element, last], *sizes),
        ]
        inside = self._number(self.mark("inside", "And", kept, *sizes), "ones", *sizes)
        axis = self.to.constant(f"{self.label}/elements_axis", [3])
        total = self.step("total", "ReduceSum", [inside, axis], regions, 1, count, 1)
        divisor = self.step("divisor", "Max", [total, self.number("any", 1)], regions, 1, count, 1)
        return self.step("shares", "Div", [inside, divisor], *sizes)

    def placed(self, shares: str, axes: list[int], *sizes: Size) -> str:
        """The shares with axes of size 1 beside theirs, along which others are stretched."""
        axis = self.to.constant(f"{self.label}/first_axis", [1])
        beside = [size for number, size in enumerate(sizes) if number not in axes]
        flat = self.step("flat", "Squeeze", [shares, axis], *beside)
        inputs = [flat, self.to.constant(f"{self.label}/axes", axes)]
        return self.step("placed", "Unsqueeze", inputs, *sizes)

    def merged(self, label: str, value: str, axis: int, shape: list[int], *sizes: Size) -> str:
        """The shares with one axis of those before `axis` that is split, and one of the others.

        No size but that of the regions, of which there may be none, is left to be found.
        """
        one, other, elements = sizes
        flat = self.step(f"{label}/flat", "Flatten", [value], one * other, elements, axis=axis)
        first = self.to.constant(f"{self.label}/{label}/axis", [0])
        single = self.step(f"{label}/single", "Unsqueeze", [flat, first], 1, one * other, elements)
        inputs = [single, self.to.constant(f"{self.label}/{label}/shape", shape)]
        return self.step(label, "Reshape", inputs, *sizes)

    def chosen(self, item: str) -> str:
        """1 for the image that each region is of, 0 for others: regions×images×1."""
        to = self.to
        _, number = self.elements()
        single = to.constant(f"{self.label}/column", [1])
        apart = TensorType(to.node.bottoms[1].type.with_shape(self.regions, 1).shape, "int64")
        column = to.step(f"{self.label}/own", "Unsqueeze", [item, single], apart)
        place = self.step("place", "Cast", [column], self.regions, 1, to=ELEMENT_TYPES[PLACES])
        same = self.mark("same", "Equal", [place, number], self.regions, self.size)
        ones = self._number(same, "chosen", self.regions, self.size)
        inputs = [ones, to.constant(f"{self.label}/axes", [2])]
        return self.step("chosen_apart", "Unsqueeze", inputs, self.regions, self.size, 1)

    def _edge(self, label: str, way: str, length: str, numbers: NDArray[Any], start: str) -> str:
        """A bound of each window, rounded to a whole element."""
        sizes = (self.regions, 1, len(numbers), 1)
        number = self.number(f"{label}/number", numbers)
        offset = self.step(f"{label}/offset", "Mul", [length, number], *sizes)
        place = self.step(f"{label}/place", "Add", [offset, start], *sizes)
        return self.step(label, way, [place], *sizes)

    def _number(self, mark: str, label: str, *sizes: Size) -> str:
        """1 for what is so, 0 for what isn't."""
        return self.step(label, "Cast", [mark], *sizes, to=ELEMENT_TYPES[PLACES])
