"""Proposal: anchors moved by their offsets, the best of them, those that stay."""

import numpy as np

from netspec.graph import Size
from netspec.graph.sizes import symbol
from netspec.layers.proposal import Proposal
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter, bounded
from netspec.lower.onnx.layers.boxes import EVERY, NOTHING, Boxes
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.single import in_float32
from netspec.lower.onnx.steps.sizes import SCALAR


@lowers(Proposal)
def proposal(layer: Proposal, to: Emitter) -> None:
    to = in_float32(to)
    _Proposals(layer, to).write()


class _Proposals(Boxes):
    """The layer at its place; shapes are rows×columns×anchors, or all of them in a row."""

    def __init__(self, layer: Proposal, to: Emitter) -> None:
        super().__init__(to)
        self.layer = layer
        self.anchors = layer.anchors
        self.rows, self.columns = to.node.bottoms[0].shape[2:]
        self.every = self.rows * self.columns * self.anchors

    def write(self) -> None:
        """The layer's top."""
        to, layer = self.to, self.layer
        boxes = self._boxes()
        finite = self.finite(boxes, self.every)
        boxes, scale = self._cut(boxes)
        scores = self._scores(boxes, finite, scale)
        best, places, _, count = self.best("best", scores, (), self.every, layer.pre_nms_topn)
        chosen = self.step("chosen", "Gather", [boxes, places], count, 4, axis=0)
        # A side is one longer than the corners are apart.
        more = self.number("more", [0, 0, 1, 1])
        whole = self.step("whole", "Add", [chosen, more], count, 4)
        front, pair = to.constant("front", [0]), to.constant("pair", [0, 1])
        group = self.step("group", "Unsqueeze", [whole, front], 1, count, 4)
        ranked = self.step("ranked", "Unsqueeze", [best, pair], 1, 1, count)
        most = layer.post_nms_topn or EVERY
        selected = self.apart(group, ranked, 1, count, layer.nms_thresh, most)
        found = symbol(f"{to.node.path}/selected")
        column = to.constant("column", np.array(2))
        index = self.index("index", "Gather", [selected, column], found, axis=1)
        kept = self.step("kept", "Gather", [chosen, index], found, 4, axis=0)
        to.top("Pad", [kept, to.constant("margins", [0, 1, 0, 0])])

    def _boxes(self) -> str:
        """The anchors where their offsets move them."""
        to, layer = self.to, self.layer
        sizes = (self.rows, self.columns, self.anchors)
        shape = self.shape("by_anchor", self.anchors, 4, *self._map())
        turned = (self.anchors, 4, self.rows, self.columns)
        apart = self.step("by_channel", "Reshape", [to.bottoms[1], shape], *turned)
        offsets = self.step("offsets", "Transpose", [apart], *sizes, 4, perm=[2, 3, 0, 1])
        shift, growth = (self.part(f"offset{n}", offsets, n, n + 2, *sizes, 2) for n in (0, 2))
        extent = np.array(layer.sizes())
        bounded(*extent.shape)
        extents = self.number("extents", extent)
        away = self.step("away", "Mul", [shift, extents], *sizes, 2)
        centre = self.step("centre", "Add", [self._centres(), away], *sizes, 2)
        factor = self.step("factor", "Exp", [growth], *sizes, 2)
        extended = self.step("extended", "Mul", [factor, extents], *sizes, 2)
        reach = self.step("reach", "Mul", [extended, self.number("half", 0.5)], *sizes, 2)
        corners = [self.step(op.lower(), op, [centre, reach], *sizes, 2) for op in ("Sub", "Add")]
        boxes = self.step("boxes", "Concat", corners, *sizes, 4, axis=3)
        row = to.constant("row", [-1, 4])
        return self.step("every", "Reshape", [boxes, row], self.every, 4)

    def _map(self) -> list[str]:
        """The height and width of the map, each in a list of one."""
        first = self.to.bottoms[1]
        sizes = {"height": (2, self.rows), "width": (3, self.columns)}
        return [self.size(name, first, 4, *each) for name, each in sizes.items()]

    def _centres(self) -> str:
        """The anchors' centres, rows×columns×1×2."""
        to, layer = self.to, self.layer
        parts = []
        shape = self.shape("map", *self._map(), 1, 1)
        for label, axis, size in (("y", 0, self.rows), ("x", 1, self.columns)):
            length = self.size(f"{label}/size", to.bottoms[1], 4, axis + 2, size)
            scalar = to.step(f"{label}/scalar", "Squeeze", [length], SCALAR)
            end = self.step(f"{label}/end", "Cast", [scalar], to=ELEMENT_TYPES[self.kind])
            inputs = [self.number(f"{label}/zero", 0), end, self.number(f"{label}/one", 1)]
            number = self.step(f"{label}/number", "Range", inputs, size)
            stride = self.number(f"{label}/stride", layer.feat_stride)
            pixel = self.step(f"{label}/pixel", "Mul", [number, stride], size)
            base = self.number(f"{label}/base", layer.base_size / 2)
            middle = self.step(f"{label}/middle", "Add", [pixel, base], size)
            single = [1, 1, 1, 1]
            single[axis] = -1
            flat = to.constant(f"{label}/axis", single)
            given: list[Size] = [1, 1, 1, 1]
            given[axis] = size
            turned = self.step(f"{label}/turned", "Reshape", [middle, flat], *given)
            sizes = (self.rows, self.columns, 1, 1)
            parts.append(self.step(f"{label}/all", "Expand", [turned, shape], *sizes))
        return self.step("centres", "Concat", parts[::-1], self.rows, self.columns, 1, 2, axis=3)

    def _cut(self, boxes: str) -> tuple[str, str]:
        """The boxes cut off at the image's edges, and its scale."""
        to = self.to
        turned = to.constant("edges", [1, 0, 1, 0])
        image = self.step("image", "Gather", [to.bottoms[2], turned], 1, 4, axis=1)
        edge = self.step("edge", "Sub", [image, self.number("one", 1)], 1, 4)
        inner = self.step("inner", "Min", [boxes, edge], self.every, 4)
        cut = self.step("cut", "Max", [inner, self.number("zero", 0)], self.every, 4)
        return cut, self.part("scale", to.bottoms[2], 2, 3, 1, 1)

    def _scores(self, boxes: str, finite: str, scale: str) -> str:
        """The scores in the order of the boxes; −∞ for what isn't to be found."""
        to = self.to
        low, high = (self.part(f"corner{n}", boxes, n, n + 2, self.every, 2) for n in (0, 2))
        apart = self.step("apart", "Sub", [high, low], self.every, 2)
        sides = self.step("sides", "Add", [apart, self.number("pixel", 1)], self.every, 2)
        least = self.step(
            "least_side", "Mul", [scale, self.number("min", self.layer.min_size)], 1, 1
        )
        axis = to.constant("side", [1])
        if to.opset < 18:
            short = self.step("short", "ReduceMin", [sides], self.every, 1, axes=[1])
        else:
            short = self.step("short", "ReduceMin", [sides, axis], self.every, 1)
        large = self.mark("large", "GreaterOrEqual", [short, least], self.every, 1)
        flat = to.constant("flat", [-1])
        enough = self.mark("enough", "Reshape", [large, flat], self.every)
        bounds = [
            to.constant("half/from", [self.anchors]),
            to.constant("half/to", [2 * self.anchors]),
        ]
        second = [to.bottoms[0], *bounds, to.constant("half/axis", [1])]
        sizes = (self.anchors, self.rows, self.columns)
        chosen = self.step("second", "Slice", second, 1, *sizes)
        turned = (1, self.rows, self.columns, self.anchors)
        last = self.step("last", "Transpose", [chosen], *turned, perm=[0, 2, 3, 1])
        scores = self.step("scores", "Reshape", [last, flat], self.every)
        nothing = self.number("nothing", NOTHING)
        real = self.mark("real", "Greater", [scores, nothing], self.every)
        found = self.mark("fit", "And", [finite, enough], self.every)
        found = self.mark("found", "And", [found, real], self.every)
        return self.step("masked", "Where", [found, scores, nothing], self.every)
