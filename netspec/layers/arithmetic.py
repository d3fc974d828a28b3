"""Layers that compute with several blobs."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.graph.fillers import upper
from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.layers.base import Layer, LayerError, Types

EltwiseOp = Annotated[Literal["SUM", "PROD", "MAX"], BeforeValidator(upper)]


class Eltwise(Layer):
    """Combine blobs of equal shape element by element: sum, product or maximum."""

    family: ClassVar[str] = "arithmetic"
    source: ClassVar[str] = "Caffe's eltwise_layer.cpp"
    shape_rule: ClassVar[str] = "the bottoms' shape, which must be equal; nothing is broadcast"
    flops_rule: ClassVar[str] = (
        "bottoms − 1 for each element, and one for each coefficient other than 1"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (2, None)
    synonyms: ClassVar[tuple[str, ...]] = ("Add", "Sum", "Mul", "Multiply", "Maximum", "Max")
    field_synonyms: ClassVar[dict[str, str]] = {"op": "operation", "coeffs": "coeff"}

    operation: EltwiseOp = Field("SUM", description="how elements are combined")
    coeff: list[float] = Field([], description="SUM: a factor for each bottom; none: all 1")

    def check(self) -> Iterator[LayerError]:
        if self.coeff and self.operation != "SUM":
            yield LayerError(
                "field-conflict",
                f"`coeff` has no meaning with `operation: {self.operation}`",
                field="coeff",
            )

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        for number, bottom in enumerate(bottoms):
            if bottom.shape != bottoms[0].shape:
                raise LayerError(
                    "shape-mismatch",
                    f"Eltwise needs equal shapes, got {bottoms[0].shape} and {bottom.shape}",
                    bottom=number,
                )
        if self.coeff and len(self.coeff) != len(bottoms):
            raise LayerError(
                "bad-value",
                f"`coeff` needs a factor for each bottom: {len(bottoms)}, not {len(self.coeff)}",
                field="coeff",
            )
        return (bottoms[0],)

    def flops(self, bottoms: Types, tops: Types) -> Size:
        factors = sum(factor != 1 for factor in self.coeff)
        return tops[0].shape.elements * (len(bottoms) - 1 + factors)
