"""Layers that compute with several blobs."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.graph.fillers import uppercase
from netspec.graph.reach import POINTWISE, Reach
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import Layer, Types
from netspec.layers.elements import NUMBERS, REALS, Elements
from netspec.layers.fitting import advice, alike, difference

EltwiseOp = Annotated[
    Literal["SUM", "SUB", "PROD", "DIV", "MAX", "MIN"], BeforeValidator(uppercase)
]

SIGNS = {"SUM": "+", "SUB": "−", "PROD": "×", "DIV": "÷"}
"""How operations are written."""


class Eltwise(Layer):
    """Add, subtract, multiply or divide blobs of equal shape, or take their maximum or minimum.

    SUM: coeff₁·x₁ + coeff₂·x₂ + …; SUB: x₁ − x₂ − …; PROD: x₁·x₂·…; DIV: x₁ / x₂ / …; MAX and MIN:
    the greatest and the least. A blob may be read twice. Nothing is broadcast: Scale and Bias with
    two bottoms do that, or `Expand` before. Integers are combined too, but not divided, nor with
    `coeff`, which is real.
    """

    family: ClassVar[str] = "arithmetic"
    source: ClassVar[str] = "Caffe's eltwise_layer.cpp; SUB, DIV and MIN: ONNX"
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
    synonyms: ClassVar[tuple[str, ...]] = (
        "Add",
        "Sum",
        "Sub",
        "Subtract",
        "Mul",
        "Multiply",
        "Div",
        "Divide",
        "Maximum",
        "Max",
        "Minimum",
        "Min",
    )
    field_synonyms: ClassVar[dict[str, str]] = {"op": "operation", "coeffs": "coeff"}
    synonym_notes: ClassVar[dict[str, str]] = {
        "Add": "with `operation: SUM`",
        "Sum": "with `operation: SUM`",
        "Mul": "with `operation: PROD`",
        "Multiply": "with `operation: PROD`",
        "Maximum": "with `operation: MAX`",
        "Max": "with `operation: MAX`",
        **dict.fromkeys(("Sub", "Subtract"), "with `operation: SUB`"),
        **dict.fromkeys(("Div", "Divide"), "with `operation: DIV`"),
        **dict.fromkeys(("Minimum", "Min"), "with `operation: MIN`"),
    }
    value_synonyms: ClassVar[dict[str, dict[str, str]]] = {
        "operation": {
            "ADD": "SUM",
            "PLUS": "SUM",
            "MUL": "PROD",
            "MULTIPLY": "PROD",
            "PRODUCT": "PROD",
            "MULT": "PROD",
            "MAXIMUM": "MAX",
            "MINIMUM": "MIN",
            "MINUS": "SUB",
            "SUBTRACT": "SUB",
            "DIVIDE": "DIV",
            "QUOTIENT": "DIV",
            "MEAN": "SUM with `coeff: [0.5, 0.5]` of two",
            "AVE": "SUM with `coeff: [0.5, 0.5]` of two",
        }
    }

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
        return REALS if self.coeff or self.operation == "DIV" else super().takes(bottom)

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        return POINTWISE

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        for number, bottom in enumerate(bottoms):
            shapes = bottoms[0].shape, bottom.shape
            if not alike(*shapes):
                raise LayerError(
                    "shape-mismatch",
                    f"Eltwise needs equal shapes, but {{0}} gives {bottoms[0].shape} and "
                    f"{{{number}}} gives {bottom.shape}{difference(*shapes)}",
                    field="bottom",
                    help=advice(*shapes, number, self._stretching, shortcut=True),
                )
        if self.coeff and len(self.coeff) != len(bottoms):
            raise LayerError(
                "bad-value",
                f"`coeff` needs a factor for each bottom: {len(bottoms)}, not {len(self.coeff)}",
                field="coeff",
            )
        # A sum of masks is none.
        return (bottoms[0].with_shape(*bottoms[0].shape),)

    @property
    def _stretching(self) -> str | None:
        """The layer that does the same with a blob that is stretched; None if there is none."""
        plain = {"SUM": "Bias", "PROD": "Scale"}
        return None if self.coeff else plain.get(self.operation)

    @property
    def adds(self) -> bool:
        return self.operation == "SUM"

    @property
    def overwritable(self) -> bool:
        return self.operation in ("SUM", "SUB")

    @property
    def writes_over(self) -> bool:
        # `x += y`: the sum of two, the first of which is as it is.
        factors = self.coeff or [1.0]
        return self.overwritable and len(self.coeff) in (0, 2) and factors[0] == 1

    def brief(self, bottoms: Types) -> str:
        return SIGNS.get(self.operation, self.operation.lower())

    def work(self, bottoms: Types, tops: Types) -> Work:
        factors = sum(factor != 1 for factor in self.coeff)
        return Work({Kind.ELEMENTWISE: tops[0].shape.elements * (len(bottoms) - 1 + factors)})
