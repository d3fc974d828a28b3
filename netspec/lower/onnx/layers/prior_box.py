"""PriorBox: computed in the file, which a runtime does once where the sizes are fixed."""

import numpy as np

from netspec.graph import Size
from netspec.layers.detection import PriorBox
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter
from netspec.lower.onnx.layers.boxes import Boxes
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.single import in_float32
from netspec.lower.onnx.steps.sizes import SCALAR, vector

COLUMNS, ROWS = 3, 2


@lowers(PriorBox)
def prior_box(layer: PriorBox, to: Emitter) -> None:
    to = in_float32(to)
    steps = Boxes(to)
    height, width = to.node.bottoms[0].shape[2:]
    sizes: tuple[Size, ...] = (height, width, len(layer.boxes()))
    left, right = _Axis(layer, steps, "x", COLUMNS).sides()
    above, below = _Axis(layer, steps, "y", ROWS).sides()
    # Any sum of both has the shape of all.
    both = steps.step("both", "Add", [left, above], *sizes)
    shape = to.step("shape", "Shape", [both], vector(3))
    last = to.constant("last", [3])
    parts = []
    for name, side in {"left": left, "above": above, "right": right, "below": below}.items():
        stretched = steps.step(f"{name}/stretched", "Expand", [side, shape], *sizes)
        parts.append(steps.step(f"{name}/apart", "Unsqueeze", [stretched, last], *sizes, 1))
    boxes = steps.step("boxes", "Concat", parts, *sizes, 4, axis=3)
    if layer.clip:
        limits = [steps.number("edge", 0), steps.number("other_edge", 1)]
        boxes = steps.step("clipped", "Clip", [boxes, *limits], *sizes, 4)
    whole = to.step("whole", "Shape", [boxes], vector(4))
    variances = [steps.number("variances", layer.variances), whole]
    rows = [boxes, steps.step("variance", "Expand", variances, *sizes, 4)]
    flat, count = to.constant("row", [1, 1, -1]), to.node.tops[0].shape[2]
    numbered = enumerate(rows)
    made = [steps.step(f"row{n}", "Reshape", [row, flat], 1, 1, count) for n, row in numbered]
    to.top("Concat", made, axis=1)


class _Axis:
    """Where the boxes begin and end along an axis: columns×boxes, or rows×1×boxes."""

    def __init__(self, layer: PriorBox, steps: Boxes, label: str, axis: int) -> None:
        self.layer = layer
        self.steps = steps
        self.label = label
        self.axis = axis

    def sides(self) -> list[str]:
        steps, label, layer = self.steps, self.label, self.layer
        to = steps.to
        size = to.node.bottoms[0].shape[self.axis]
        # Rows go before columns.
        behind = range(1, 4 - self.axis + 1)
        sizes = (size, *([1] * (len(behind) - 1)), len(layer.boxes()))
        count, extent = self._length("count", 0), self._length("extent", 1)
        inputs = [steps.number(f"{label}/zero", 0), count, steps.number(f"{label}/one", 1)]
        number = steps.step(f"{label}/number", "Range", inputs, size)
        offset = steps.number(f"{label}/offset", layer.offset)
        middle = steps.step(f"{label}/middle", "Add", [number, offset], size)
        distance = (
            steps.number(f"{label}/step", layer.step)
            if layer.step
            else steps.step(f"{label}/step", "Div", [extent, count])
        )
        centre = steps.step(f"{label}/centre", "Mul", [middle, distance], size)
        axes = to.constant(f"{label}/axes", behind)
        single = steps.step(f"{label}/single", "Unsqueeze", [centre, axes], *sizes[:-1], 1)
        half = np.array([pair[COLUMNS - self.axis] / 2 for pair in layer.boxes()])
        inputs = [single, steps.number(f"{label}/half", half)]
        found = []
        for name, operator in (("start", "Sub"), ("end", "Add")):
            place = steps.step(f"{label}/{name}/pixels", operator, inputs, *sizes)
            found.append(steps.step(f"{label}/{name}", "Div", [place, extent], *sizes))
        return found

    def _length(self, name: str, number: int) -> str:
        """The size of the axis of a bottom, as a floating-point scalar."""
        steps, to, label = self.steps, self.steps.to, f"{self.label}/{name}"
        size = to.node.bottoms[number].shape[self.axis]
        if isinstance(size, int) and not to.must_read(number):
            return steps.number(label, size)
        whole = to.step(f"{label}/whole", "Shape", [to.bottoms[number]], vector(4))
        place = to.constant(f"{label}/axis", np.array(self.axis))
        length = to.step(f"{label}/length", "Gather", [whole, place], SCALAR)
        return steps.step(label, "Cast", [length], to=ELEMENT_TYPES[steps.kind])
