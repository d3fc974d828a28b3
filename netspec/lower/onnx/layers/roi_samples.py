"""ROIAlign without ONNX's own operator: an average of bilinear samples is linear in rows and in
columns, so a region's windows are weights · image · weights, the weights those of its samples.
"""

import numpy as np

from netspec.graph import Size
from netspec.graph.sizes import symbol
from netspec.layers.roi import ROIAlign
from netspec.lower.onnx.emitter import Emitter, bounded
from netspec.lower.onnx.layers.roi_axis import RegionAxis, images_of, sides


def align_by_products(layer: ROIAlign, to: Emitter, boxes: str, item: str) -> None:
    """The layer's top, from boxes R×4 and the index of each one's image."""
    image, count = to.node.bottoms[0].type, to.node.bottoms[1].shape[0]
    _, channels, _, width = image.shape
    left, above, right, below = sides(to, boxes, layer.spatial_scale)
    rows = _Samples(layer, to, "rows", 2).weights(above, below, layer.pooled_h)
    columns = _Samples(layer, to, "columns", 3).weights(left, right, layer.pooled_w)
    pooled = image.with_shape(count, channels, layer.pooled_h, width)
    strips = to.step("strips", "MatMul", [rows, images_of(to, item)], pooled)
    turned = image.with_shape(count, 1, width, layer.pooled_w)
    across = to.step("across", "Transpose", [columns], turned, perm=[0, 1, 3, 2])
    to.top("MatMul", [strips, across])


class _Samples(RegionAxis):
    """The samples along an axis; shapes are regions×windows×samples×elements."""

    def __init__(self, layer: ROIAlign, to: Emitter, label: str, axis: int) -> None:
        super().__init__(to, label, axis)
        self._ratio = layer.sampling_ratio
        # The most that any window has, which shows when the network runs.
        self._most = symbol(f"{to.node.path}/{label}/samples")

    def weights(self, start: str, end: str, count: int) -> str:
        """How much each element adds to each window: regions×1×windows×elements."""
        regions, most = self.regions, self._ratio or self._most
        extent = self.step("extent", "Sub", [end, start], regions, 1, 1, 1)
        inputs = [extent, self.number("one", 1)]
        length = self.step("least", "Max", inputs, regions, 1, 1, 1)
        length = self.step("length", "Div", [length, self.number("count", count)], regions, 1, 1, 1)
        samples, number = self._samples(length)
        half = self.step("half", "Add", [number, self.number("middle", 0.5)], most, 1)
        share = self.step("share", "Div", [half, samples], *self._of_samples())
        windows = self.number("windows", np.arange(*bounded(count)).reshape(count, 1, 1))
        within = self.step("within", "Add", [windows, share], *self._of_samples(count))
        offset = self.step("offset", "Mul", [within, length], regions, count, most, 1)
        place = self.step("place", "Add", [start, offset], regions, count, most, 1)
        added = self._added(place, samples, number, (regions, count, most))
        axis = self.to.constant(f"{self.label}/third", [2])
        total = self.step("total", "ReduceSum", [added, axis], regions, count, 1, self.size)
        mean = self.step("mean", "Div", [total, samples], regions, count, 1, self.size)
        turned = (regions, 1, count, self.size)
        shares = self.step("weights", "Transpose", [mean], *turned, perm=[0, 2, 1, 3])
        return self.of_image("of_image", shares, *turned)

    def _of_samples(self, *windows: int) -> tuple[Size, ...]:
        """The shape of what differs between regions only if their samples are as many as fit."""
        if self._ratio:
            return (*windows, self._ratio, 1)
        return (self.regions, *(windows or (1,)), self._most, 1)

    def _samples(self, length: str) -> tuple[str, str]:
        """How many samples a window has, and the numbers of all samples that any has."""
        if self._ratio:
            numbers = np.arange(*bounded(self._ratio)).reshape(self._ratio, 1)
            return self.number("samples", self._ratio), self.number("number", numbers)
        samples = self.step("samples", "Ceil", [length], self.regions, 1, 1, 1)
        # Without any region there would be no largest number.
        other = self.number("other", np.ones((1, 1, 1, 1)))
        every = self.step("every", "Concat", [samples, other], self.regions + 1, 1, 1, 1, axis=0)
        number = self.range(
            "numbers", self.step("most", "ReduceMax", [every], keepdims=0), self._most
        )
        shape = self.to.constant(f"{self.label}/column", [-1, 1])
        return samples, self.step("number", "Reshape", [number, shape], self._most, 1)

    def _added(self, place: str, samples: str, number: str, sizes: tuple[Size, Size, Size]) -> str:
        """What each element adds to each sample: 1 less its distance, if there is such a sample."""
        size, element = self.elements()
        last = self.step("last", "Sub", [size, self.number("step", 1)])
        inner = [place, self.number("zero", 0), last]
        clipped = self.step("clipped", "Clip", inner, *sizes, 1)
        away = self.step("away", "Sub", [clipped, element], *sizes, self.size)
        distance = self.step("distance", "Abs", [away], *sizes, self.size)
        rest = self.step("rest", "Sub", [self.number("whole", 1), distance], *sizes, self.size)
        hat = self.step("hat", "Relu", [rest], *sizes, self.size)
        edge = self.number("edge", -1)
        kept = [
            self.mark("behind_start", "GreaterOrEqual", [place, edge], *sizes, 1),
            self.mark("before_end", "LessOrEqual", [place, size], *sizes, 1),
        ]
        marked = self.mark("inside", "And", kept, *sizes, 1)
        if not self._ratio:
            regions, _, most = sizes
            real = self.mark("real", "Less", [number, samples], regions, 1, most, 1)
            marked = self.mark("kept", "And", [marked, real], *sizes, 1)
        nothing = self.number("nothing", 0)
        return self.step("added", "Where", [marked, hat, nothing], *sizes, self.size)
