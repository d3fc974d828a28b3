"""Layers that apply a function to each element, or along an axis."""

from typing import ClassVar

from pydantic import Field

from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.layers.base import ElementwiseLayer, Types, resolve_axis


class ReLU(ElementwiseLayer):
    """Rectified linear unit: max(x, 0), with a slope for x < 0 if wanted."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Nair and Hinton 2010; the slope: Maas et al. 2013; Caffe"
    flops_rule: ClassVar[str] = "1 for each element, 2 with a negative slope"
    synonyms: ClassVar[tuple[str, ...]] = ("Relu", "LeakyReLU", "LeakyRelu", "relu")
    field_synonyms: ClassVar[dict[str, str]] = {"alpha": "negative_slope"}

    negative_slope: float = Field(0.0, description="the slope where x is negative")

    def flops(self, bottoms: Types, tops: Types) -> Size:
        return tops[0].shape.elements * (2 if self.negative_slope else 1)


class Softmax(ElementwiseLayer):
    """Exponentials along an axis, scaled to the sum 1."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Caffe's softmax_layer.cpp"
    flops_rule: ClassVar[str] = (
        "5n − 2 for each row of n: n − 1 comparisons, n subtractions, n exponentials, n − 1 "
        "additions, n divisions"
    )
    synonyms: ClassVar[tuple[str, ...]] = ("softmax",)
    field_synonyms: ClassVar[dict[str, str]] = {"dim": "axis"}

    axis: int = Field(1, description="the axis that sums to 1; negative: from the back")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        resolve_axis(self, self.axis, bottoms[0].shape)
        return (bottoms[0],)

    def flops(self, bottoms: Types, tops: Types) -> Size:
        shape = tops[0].shape
        rows = shape.replace(self.axis, 1).elements
        return 5 * shape.elements - 2 * rows
