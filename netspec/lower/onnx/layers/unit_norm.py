"""UnitNorm."""

from netspec.layers.unit_norm import UnitNorm
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.axes import without
from netspec.lower.onnx.steps.single import in_float32


@lowers(UnitNorm)
def unit_norm(layer: UnitNorm, to: Emitter) -> None:
    """ONNX's LpNormalization has no eps."""
    to = in_float32(to)
    type = to.node.bottoms[0].type
    axes = [layer.axis % type.shape.rank]
    reduced = without(type, axes)
    square = to.step("square", "Mul", [*to.bottoms, *to.bottoms], type)
    total = to.step("total", "ReduceSum", [square, to.constant("axes", axes)], reduced)
    length = to.step("length", "Sqrt", [total], reduced)
    divisor = to.step("divisor", "Max", [length, to.float_constant("eps", layer.eps)], reduced)
    to.top("Div", [*to.bottoms, divisor])
