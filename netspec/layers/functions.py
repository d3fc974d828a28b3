"""Elementary functions of each element: Caffe's arithmetic of one blob."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import ElementwiseLayer, Types

NATURAL = -1.0
"""Caffe's `base` that stands for e."""


class AbsVal(ElementwiseLayer):
    """The absolute value: |x|."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Caffe's absval_layer.cpp"
    flops_rule: ClassVar[str] = "1 for each element"
    synonyms: ClassVar[tuple[str, ...]] = ("Abs", "abs")

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.ELEMENTWISE: tops[0].shape.elements})


class Power(ElementwiseLayer):
    """A power of a straight line: (shift + scale · x) ^ power.

    With `power: 1` it scales and shifts by constants. A negative base has no fractional power: the
    result is then not a number, as in every framework.
    """

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Caffe's power_layer.cpp"
    flops_rule: ClassVar[str] = (
        "for each element 1 each for a scale other than 1, a shift other than 0 and a power other "
        "than 1; nothing where it is x itself"
    )
    nonfinite: ClassVar[str | None] = (
        "with `power: 0.5`, −∞ gives NaN in PyTorch and +∞ in ONNX Runtime"
    )
    example: ClassVar[str] = """
        inputs: {data: [N, 64, 56, 56]}
        layers:
          - {name: power, type: Power, scale: 0.00390625, shift: -0.5}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("Pow", "pow")
    field_synonyms: ClassVar[dict[str, str]] = {"exponent": "power"}

    power: float = Field(1.0, description="the exponent")
    scale: float = Field(1.0, description="the factor of x")
    shift: float = Field(0.0, description="what is added before the power is taken")

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work(
            {
                Kind.ELEMENTWISE: tops[0].shape.elements
                * (_linear_operations(self.scale, self.shift) + (self.power != 1))
            }
        )


class Exp(ElementwiseLayer):
    """An exponential of a straight line: base ^ (shift + scale · x)."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Caffe's exp_layer.cpp"
    flops_rule: ClassVar[str] = (
        "for each element 1, and 1 each for a scale other than 1 and a shift other than 0"
    )
    synonyms: ClassVar[tuple[str, ...]] = ("exp",)

    base: float = Field(NATURAL, description="the base, positive; -1 stands for e")
    scale: float = Field(1.0, description="the factor of x")
    shift: float = Field(0.0, description="what is added before the power is taken")

    def check(self) -> Iterator[LayerError]:
        yield from _check_base(self.base)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work(
            {
                Kind.ELEMENTWISE: tops[0].shape.elements
                * (1 + _linear_operations(self.scale, self.shift))
            }
        )


class Log(ElementwiseLayer):
    """A logarithm of a straight line: log(shift + scale · x) to a base.

    Of 0 it is −∞, of a negative number not a number, as in every framework.
    """

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Caffe's log_layer.cpp"
    flops_rule: ClassVar[str] = (
        "for each element 1, and 1 each for a scale other than 1, a shift other than 0 and a base "
        "other than e"
    )
    synonyms: ClassVar[tuple[str, ...]] = ("log",)

    base: float = Field(NATURAL, description="the base, positive and not 1; -1 stands for e")
    scale: float = Field(1.0, description="the factor of x")
    shift: float = Field(0.0, description="what is added before the logarithm is taken")

    def check(self) -> Iterator[LayerError]:
        yield from _check_base(self.base)
        if self.base == 1:
            yield LayerError("bad-value", "there is no logarithm to the base 1", field="base")

    def work(self, bottoms: Types, tops: Types) -> Work:
        operations = 1 + _linear_operations(self.scale, self.shift) + (self.base != NATURAL)
        return Work({Kind.ELEMENTWISE: tops[0].shape.elements * operations})


class Threshold(ElementwiseLayer):
    """1 where x > threshold, else 0. It has no gradient.

    PyTorch's `nn.Threshold` and ONNX's ThresholdedRelu are other functions: they keep x.
    """

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Caffe's threshold_layer.cpp"
    flops_rule: ClassVar[str] = "1 for each element: a comparison"
    field_notes: ClassVar[dict[str, str]] = {
        "value": "as Caffe's it gives 1 where an element exceeds `threshold`, else 0; PyTorch's is "
        "another"
    }
    saturates: ClassVar[bool] = True

    threshold: float = Field(0.0, description="what x must exceed")

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.COMPARISON: tops[0].shape.elements})


class Clip(ElementwiseLayer):
    """Limit to a range: min(max(x, min), max); without `min` or `max` from one side alone."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Caffe's clip_layer.cpp"
    flops_rule: ClassVar[str] = "for each element 1 each for `min` and `max`: a comparison"
    example: ClassVar[str] = """
        inputs: {data: [N, 64, 56, 56]}
        layers:
          - {name: clip, type: Clip, min: -1, max: 1}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("clamp", "clip", "Hardtanh")
    field_synonyms: ClassVar[dict[str, str]] = {"min_val": "min", "max_val": "max"}
    synonym_notes: ClassVar[dict[str, str]] = {"Hardtanh": "with `min: -1, max: 1`"}
    saturates: ClassVar[bool] = True

    min: float | None = Field(None, description="the least result")
    max: float | None = Field(None, description="the greatest result")

    def check(self) -> Iterator[LayerError]:
        if self.min is None and self.max is None:
            yield LayerError("missing-field", "Clip needs `min` or `max`, or both")
        elif self.min is not None and self.max is not None and self.min > self.max:
            yield LayerError(
                "bad-value",
                f"`min` must not exceed `max`; got {self.min:g} and {self.max:g}",
                field="min",
            )

    def work(self, bottoms: Types, tops: Types) -> Work:
        ends = (self.min is not None) + (self.max is not None)
        return Work({Kind.COMPARISON: ends * tops[0].shape.elements})


def _linear_operations(scale: float, shift: float) -> int:
    return (scale != 1) + (shift != 0)


def _check_base(base: float) -> Iterator[LayerError]:
    if base <= 0 and base != NATURAL:
        yield LayerError(
            "bad-value", f"`base` must be positive, or -1 for e; got {base:g}", field="base"
        )
