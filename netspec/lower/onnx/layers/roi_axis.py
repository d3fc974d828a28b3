"""One axis of an image that regions are cut from: steps and constants with names and shapes.

Places in an image are computed in float32 whatever the image is of: whole numbers end at 2048 in
float16 and at 256 in bfloat16.
"""

from typing import Any

import numpy as np

from netspec.graph import Shape, Size, TensorType
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter, bounded
from netspec.lower.onnx.steps.sizes import SCALAR, vector

PLACES = "float32"


class RegionAxis:
    """What the layer computes along an axis bears the axis's label."""

    def __init__(self, to: Emitter, label: str, axis: int) -> None:
        self.to = to
        self.label = label
        self.axis = axis
        self.regions = to.node.bottoms[1].shape[0]
        self.size = to.node.bottoms[0].shape[axis]

    def step(
        self, label: str, operator: str, inputs: list[str], *sizes: Size, **attributes: Any
    ) -> str:
        """A step that gives numbers."""
        type = TensorType(Shape(sizes), PLACES)
        return self.to.step(f"{self.label}/{label}", operator, inputs, type, **attributes)

    def mark(self, label: str, operator: str, inputs: list[str], *sizes: Size) -> str:
        """A step that gives booleans."""
        type = TensorType(Shape(sizes), "bool")
        return self.to.step(f"{self.label}/{label}", operator, inputs, type)

    def number(self, label: str, value: Any) -> str:
        """A constant."""
        return self.to.float_constant(f"{self.label}/{label}", value, PLACES)

    def of_image(self, label: str, value: str, *sizes: Size) -> str:
        """Numbers as the image's element type has them."""
        dtype = self.to.node.bottoms[0].type.dtype
        if dtype == PLACES:
            return value
        type, to = TensorType(Shape(sizes), dtype), ELEMENT_TYPES[dtype]
        return self.to.step(f"{self.label}/{label}", "Cast", [value], type, to=to)

    def range(self, label: str, end: str, size: Size) -> str:
        """The numbers from 0 to one before the end."""
        inputs = [self.number(f"{label}/from", 0), end, self.number(f"{label}/by", 1)]
        return self.step(label, "Range", inputs, size)

    def elements(self) -> tuple[str, str]:
        """The size of the axis, and the numbers of its elements."""
        if isinstance(self.size, int):
            numbers = np.arange(*bounded(self.size))
            return self.number("size", self.size), self.number("element", numbers)
        to = self.to
        shape = to.step(f"{self.label}/shape", "Shape", [to.bottoms[0]], vector(4))
        axis = to.constant(f"{self.label}/axis", np.array(self.axis))
        length = to.step(f"{self.label}/elements", "Gather", [shape, axis], SCALAR)
        size = self.step("size", "Cast", [length], to=ELEMENT_TYPES[PLACES])
        return size, self.range("element", size, self.size)

    def rounded(self, label: str, value: str) -> str:
        """Halves away from zero; ONNX's Round takes them to even numbers."""
        sizes = (self.regions, 1, 1, 1)
        magnitude = self.step(f"{label}/magnitude", "Abs", [value], *sizes)
        floor = self.step(f"{label}/floor", "Floor", [magnitude], *sizes)
        rest = self.step(f"{label}/rest", "Sub", [magnitude, floor], *sizes)
        half = [rest, self.number(f"{label}/half", 0.5)]
        up = self.mark(f"{label}/up", "GreaterOrEqual", half, *sizes)
        more = [up, self.number(f"{label}/one", 1), self.number(f"{label}/none", 0)]
        added = self.step(f"{label}/added", "Where", more, *sizes)
        whole = self.step(f"{label}/whole", "Add", [floor, added], *sizes)
        sign = self.step(f"{label}/sign", "Sign", [value], *sizes)
        return self.step(label, "Mul", [whole, sign], *sizes)


def sides(to: Emitter, boxes: str, scale: float) -> list[str]:
    """Left, above, right and below of boxes R×4, scaled, each regions×1×1×1."""
    given = to.node.bottoms[1].type
    regions = given.shape[0]
    if given.dtype != PLACES:
        flat = TensorType(Shape((regions, 4)), PLACES)
        boxes = to.step("precise", "Cast", [boxes], flat, to=ELEMENT_TYPES[PLACES])
    four = TensorType(Shape((regions, 4, 1, 1)), PLACES)
    shape = to.constant("single", [-1, 4, 1, 1])
    single = to.step("corners", "Reshape", [boxes, shape], four)
    factor = to.float_constant("scale", scale, PLACES)
    scaled = to.step("scaled", "Mul", [single, factor], four)
    names = ["left", "above", "right", "below"]
    apart = [four.with_shape(regions, 1, 1, 1)] * 4
    count = {"num_outputs": 4} if to.opset >= 18 else {}
    return to.steps(names, "Split", [scaled], apart, axis=1, **count)


def images_of(to: Emitter, item: str) -> str:
    """Each region's image."""
    image, regions = to.node.bottoms[0].type, to.node.bottoms[1].shape[0]
    chosen = image.with_shape(regions, *image.shape[1:])
    return to.step("images", "Gather", [to.bottoms[0], item], chosen, axis=0)
