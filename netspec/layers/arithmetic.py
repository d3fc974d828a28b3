"""Layers that compute with several blobs."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.graph.fillers import upper
from netspec.graph.sizes import Size
from netspec.graph.types import Shape, TensorType
from netspec.layers.base import Layer, LayerError, Types
from netspec.layers.elements import NUMBERS, REALS, Elements

EltwiseOp = Annotated[Literal["SUM", "PROD", "MAX"], BeforeValidator(upper)]


class Eltwise(Layer):
    """Combine blobs of equal shape element by element: sum, product or maximum.

    SUM: coeff₁·x₁ + coeff₂·x₂ + …, so `coeff: [1, -1]` subtracts; PROD: x₁·x₂·…; MAX: the greatest.
    A blob may be read twice. Nothing is broadcast: Scale and Bias with two bottoms do that.
    Integers are combined too, but not with `coeff`, which is real.
    """

    family: ClassVar[str] = "arithmetic"
    source: ClassVar[str] = "Caffe's eltwise_layer.cpp"
    shape_rule: ClassVar[str] = "the bottoms' shape, which must be equal; nothing is broadcast"
    flops_rule: ClassVar[str] = (
        "bottoms − 1 for each element, and one for each coefficient other than 1"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (2, None)
    elements: ClassVar[tuple[Elements, ...]] = (NUMBERS,)
    one_type: ClassVar[bool] = True
    example: ClassVar[str] = """
        inputs: {data: [N, 64, 56, 56]}
        layers:
          - {name: conv1, type: Convolution, num_output: 64, kernel_size: 3, pad: 1}
          - {name: sum, type: Eltwise, operation: SUM, bottom: [conv1, data]}
    """
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

    def takes(self, bottom: int) -> Elements:
        return REALS if self.coeff else super().takes(bottom)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        for number, bottom in enumerate(bottoms):
            if bottom.shape != bottoms[0].shape:
                raise LayerError(
                    "shape-mismatch",
                    f"Eltwise needs equal shapes, but {{0}} gives {bottoms[0].shape} and "
                    f"{{{number}}} gives {bottom.shape}",
                    field="bottom",
                    help=_projection(bottoms[0].shape, bottom.shape),
                )
        if self.coeff and len(self.coeff) != len(bottoms):
            raise LayerError(
                "bad-value",
                f"`coeff` needs a factor for each bottom: {len(bottoms)}, not {len(self.coeff)}",
                field="coeff",
            )
        # A sum of masks is none.
        return (bottoms[0].with_shape(*bottoms[0].shape),)

    def flops(self, bottoms: Types, tops: Types) -> Size:
        factors = sum(factor != 1 for factor in self.coeff)
        return tops[0].shape.elements * (len(bottoms) - 1 + factors)


def _projection(body: Shape, shortcut: Shape) -> str | None:
    """What would make the second of two images fit the first; None where nothing simple does."""
    if body.rank != 4 or shortcut.rank != 4:
        return None
    strides = []
    for here, there in zip(body[2:], shortcut[2:], strict=True):
        if here == there:
            strides.append(1)
        elif isinstance(here, int) and isinstance(there, int) and there > here:
            strides.append(-(-there // here))
        else:
            return None
    if strides[0] != strides[1]:
        return None
    parts = [f"to {body[1]} channels"] if body[1] != shortcut[1] else []
    parts += [f"with stride {strides[0]}"] if strides[0] > 1 else []
    return f"project the shortcut {' '.join(parts)}"
