"""DetectionOutput: the best scores of each class, those boxes that stay, the best of all."""

import numpy as np

from netspec.graph import Size
from netspec.graph.sizes import symbol
from netspec.layers.detection import DetectionOutput, prior_count
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter, bounded
from netspec.lower.onnx.layers.boxes import EVERY, NOTHING, Boxes
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.single import in_float32
from netspec.lower.onnx.steps.sizes import vector


@lowers(DetectionOutput)
def detection_output(layer: DetectionOutput, to: Emitter) -> None:
    to = in_float32(to)
    _Detection(layer, to).write()


class _Detection(Boxes):
    """The layer at its place; shapes are items×classes×candidates."""

    def __init__(self, layer: DetectionOutput, to: Emitter) -> None:
        super().__init__(to)
        self.layer = layer
        self.items = to.node.bottoms[0].shape[0]
        self.classes = layer.num_classes
        self.located = 1 if layer.share_location else layer.num_classes
        self.priors = prior_count(layer, [blob.type for blob in to.node.bottoms])

    def write(self) -> None:
        """The layer's top."""
        boxes = self._boxes()
        front = (self.items, self.classes)
        scores = self._scores(boxes)
        scores, places, count, size = self.best(
            "scores", scores, front, self.priors, self.layer.top_k
        )
        chosen = self._chosen(boxes, places, size)
        kept = self._kept(scores, chosen, count, size)
        if self.layer.keep_top_k is not None:
            kept = self._best_of_all(kept, count, size)
        marks = self.mark("kept", "Greater", [kept, self.number("none", NOTHING)], *front, size)
        self._rows(marks, scores, chosen)

    def _boxes(self) -> str:
        """The boxes, items×locations×priors×4."""
        to, layer = self.to, self.layer
        sizes = (self.items, self.priors, self.located, 4)
        shape = to.constant("by_prior", [0, -1, self.located, 4])
        offsets = self.step("offsets", "Reshape", [to.bottoms[0], shape], *sizes)
        rows = to.constant("rows", [2, -1, 1, 4])
        both = self.step("both", "Reshape", [to.bottoms[2], rows], 2, self.priors, 1, 4)
        single = (self.priors, 1, 4)
        first, second = (to.constant(f"row{n}", np.array(n)) for n in range(2))
        priors = self.step("priors", "Gather", [both, first], *single, axis=0)
        if not layer.variance_encoded_in_target:
            variances = self.step("variances", "Gather", [both, second], *single, axis=0)
            offsets = self.step("scaled", "Mul", [offsets, variances], *sizes)
        if layer.code_type == "CORNER":
            boxes = self.step("boxes", "Add", [priors, offsets], *sizes)
        else:
            boxes = self._moved(priors, offsets, sizes)
        turned = (self.items, self.located, self.priors, 4)
        return self.step("by_class", "Transpose", [boxes], *turned, perm=[0, 2, 1, 3])

    def _moved(self, priors: str, offsets: str, sizes: tuple[Size, ...]) -> str:
        """Priors moved by their size times two of the offsets, and exp of the others as large."""
        half, pair = self.number("half", 0.5), (*sizes[:-1], 2)
        low, high = (self.part(f"prior{n}", priors, n, n + 2, self.priors, 1, 2) for n in (0, 2))
        size = self.step("size", "Sub", [high, low], self.priors, 1, 2)
        total = self.step("total", "Add", [low, high], self.priors, 1, 2)
        middle = self.step("middle", "Mul", [total, half], self.priors, 1, 2)
        shift, growth = (self.part(f"offset{n}", offsets, n, n + 2, *pair) for n in (0, 2))
        away = self.step("away", "Mul", [shift, size], *pair)
        centre = self.step("centre", "Add", [middle, away], *pair)
        factor = self.step("factor", "Exp", [growth], *pair)
        extent = self.step("extent", "Mul", [factor, size], *pair)
        reach = self.step("reach", "Mul", [extent, half], *pair)
        corners = [self.step(op.lower(), op, [centre, reach], *pair) for op in ("Sub", "Add")]
        return self.step("boxes", "Concat", corners, *sizes, axis=3)

    def _scores(self, boxes: str) -> str:
        """The scores, items×classes×priors; −∞ for what isn't to be found."""
        to, layer = self.to, self.layer
        front = (self.items, self.classes, self.priors)
        shape = to.constant("by_label", [0, -1, self.classes])
        given = [to.bottoms[1], shape]
        apart = self.step("given", "Reshape", given, self.items, self.priors, self.classes)
        scores = self.step("every", "Transpose", [apart], *front, perm=[0, 2, 1])
        limit = layer.confidence_threshold
        above = self.number("threshold", NOTHING if limit is None else limit)
        found = self.mark("above", "Greater", [scores, above], *front)
        finite = self.finite(boxes, self.items, self.located, self.priors)
        found = self.mark("found", "And", [found, finite], *front)
        if layer.background_label_id >= 0:
            labels = np.arange(*bounded(self.classes)).reshape(-1, 1)
            real = to.constant("real", labels != layer.background_label_id)
            found = self.mark("real_and_found", "And", [found, real], *front)
        nothing = self.number("nothing", NOTHING)
        return self.step("masked", "Where", [found, scores, nothing], *front)

    def _chosen(self, boxes: str, places: str, size: Size) -> str:
        """The boxes of those scores, items×classes×candidates×4."""
        front = (self.items, self.classes, size)
        last = self.to.constant("each", [3])
        index = self.index("index", "Unsqueeze", [places, last], *front, 1)
        shared = 2
        if self.located == 1:
            flat = self.to.constant("flat", [0, -1, 4])
            boxes = self.step("shared", "Reshape", [boxes, flat], self.items, self.priors, 4)
            shared = 1
        return self.step("chosen", "GatherND", [boxes, index], *front, 4, batch_dims=shared)

    def _kept(self, scores: str, boxes: str, count: str, size: Size) -> str:
        """The scores of boxes that stay, −∞ for others."""
        to, front = self.to, (self.items, self.classes, size)
        groups = self.items * self.classes
        shape = self.shape("of_groups", -1, count, 4)
        flat = self.step("groups", "Reshape", [boxes, shape], groups, size, 4)
        shape = self.shape("of_scores", -1, 1, count)
        ranked = self.step("ranked", "Reshape", [scores, shape], groups, 1, size)
        selected = self.apart(flat, ranked, groups, size, self.layer.nms_threshold, EVERY)
        values = [ranked, selected]
        found = symbol(f"{to.node.path}/selected")
        updates = self.step("updates", "GatherND", values, found)
        whole = to.step("ranked/shape", "Shape", [ranked], vector(3))
        nothing = self._nothing("nowhere", whole, groups, 1, size)
        stay = self.step("stay", "ScatterND", [nothing, selected, updates], groups, 1, size)
        shape = to.step("scores/shape", "Shape", [scores], vector(3))
        return self.step("staying", "Reshape", [stay, shape], *front)

    def _best_of_all(self, kept: str, count: str, size: Size) -> str:
        """The best scores of all of an item's classes, the others −∞."""
        to, front = self.to, (self.items, self.classes, size)
        every = self.classes * size
        number = to.constant("classes", [self.classes])
        many = self.index("many", "Mul", [count, number], 1)
        shape = self.shape("of_items", -1, many)
        flat = self.step("flat_scores", "Reshape", [kept, shape], self.items, every)
        best, places, _, _ = self.best("best", flat, (self.items,), every, self.layer.keep_top_k)
        whole = to.step("flat_scores/shape", "Shape", [flat], vector(2))
        nothing = self._nothing("nobody", whole, self.items, every)
        inputs = [nothing, places, best]
        marked = self.step("remaining", "ScatterElements", inputs, self.items, every, axis=1)
        shape = to.step("kept/shape", "Shape", [kept], vector(3))
        return self.step("remaining_scores", "Reshape", [marked, shape], *front)

    def _nothing(self, label: str, shape: str, *sizes: Size) -> str:
        """Scores of −∞."""
        nothing = self.number(f"{label}/score", NOTHING)
        return self.step(label, "Expand", [nothing, shape], *sizes)

    def _rows(self, marks: str, scores: str, boxes: str) -> None:
        """A row for each that is marked, in order."""
        to, rows = self.to, self.to.node.tops[0].shape[0]
        where = self.index("where", "NonZero", [marks], 3, rows)
        index = self.index("marked", "Transpose", [where], rows, 3, perm=[1, 0])
        ends = [to.constant("labels/from", [0]), to.constant("labels/to", [2])]
        axis = to.constant("labels/axis", [1])
        pair = self.index("item_and_label", "Slice", [index, *ends, axis], rows, 2)
        named = self.step("labels", "Cast", [pair], rows, 2, to=ELEMENT_TYPES[self.kind])
        score = self.step("score", "GatherND", [scores, index], rows)
        axes = to.constant("score/axis", [1])
        column = self.step("score/column", "Unsqueeze", [score, axes], rows, 1)
        found = self.step("found_boxes", "GatherND", [boxes, index], rows, 4)
        to.top("Concat", [named, column, found], axis=1)
