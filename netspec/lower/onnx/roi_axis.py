"""One axis of an image that regions are cut from: steps and constants with names and shapes."""

from typing import Any

import numpy as np

from netspec.graph import Shape, Size, TensorType
from netspec.lower.onnx.dynamic import SCALAR, vector
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter


class RegionAxis:
    """What the layer computes along an axis bears the axis's label."""

    def __init__(self, to: Emitter, label: str, axis: int) -> None:
        self.to = to
        self.label = label
        self.axis = axis
        self.regions = to.node.bottoms[1].shape[0]
        self.size = to.node.bottoms[0].shape[axis]
        self.dtype = to.node.bottoms[0].type.dtype

    def step(
        self, label: str, operator: str, inputs: list[str], *sizes: Size, **attributes: Any
    ) -> str:
        """A step that gives numbers of the image's element type."""
        type = TensorType(Shape(sizes), self.dtype)
        return self.to.step(f"{self.label}/{label}", operator, inputs, type, **attributes)

    def mark(self, label: str, operator: str, inputs: list[str], *sizes: Size) -> str:
        """A step that gives booleans."""
        type = TensorType(Shape(sizes), "bool")
        return self.to.step(f"{self.label}/{label}", operator, inputs, type)

    def number(self, label: str, value: Any) -> str:
        """A constant of the image's element type."""
        return self.to.float_constant(f"{self.label}/{label}", value)

    def range(self, label: str, end: str, size: Size) -> str:
        """The numbers from 0 to one before the end."""
        inputs = [self.number(f"{label}/from", 0), end, self.number(f"{label}/by", 1)]
        return self.step(label, "Range", inputs, size)

    def elements(self) -> tuple[str, str]:
        """The size of the axis, and the numbers of its elements."""
        if isinstance(self.size, int):
            return self.number("size", self.size), self.number("element", np.arange(self.size))
        to = self.to
        shape = to.step(f"{self.label}/shape", "Shape", [to.bottoms[0]], vector(4))
        axis = to.constant(f"{self.label}/axis", np.array(self.axis))
        length = to.step(f"{self.label}/elements", "Gather", [shape, axis], SCALAR)
        size = self.step("size", "Cast", [length], to=ELEMENT_TYPES[self.dtype])
        return size, self.range("element", size, self.size)


def sides(to: Emitter, boxes: str, scale: float) -> list[str]:
    """Left, above, right and below of boxes R×4, scaled, each regions×1×1×1."""
    image, regions = to.node.bottoms[0].type, to.node.bottoms[1].shape[0]
    four = image.with_shape(regions, 4, 1, 1)
    shape = to.constant("single", [-1, 4, 1, 1])
    single = to.step("corners", "Reshape", [boxes, shape], four)
    factor = to.float_constant("scale", scale)
    scaled = to.step("scaled", "Mul", [single, factor], four)
    names = ["left", "above", "right", "below"]
    apart = [image.with_shape(regions, 1, 1, 1)] * 4
    return to.steps(names, "Split", [scaled], apart, axis=1, num_outputs=4)


def images_of(to: Emitter, item: str) -> str:
    """Each region's image."""
    image, regions = to.node.bottoms[0].type, to.node.bottoms[1].shape[0]
    chosen = image.with_shape(regions, *image.shape[1:])
    return to.step("images", "Gather", [to.bottoms[0], item], chosen, axis=0)
