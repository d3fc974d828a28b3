"""Steps that several layers' lowerings share."""

from collections.abc import Sequence

from netspec.graph import Shape, TensorType
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.steps.single import in_float32

AXES_AS_INPUT = 18
"""The opset since which the axes of ReduceMean are an input; those of ReduceSum always are."""


def mean(to: Emitter, label: str, value: str, type: TensorType, axes: Sequence[int]) -> str:
    """The mean over axes, which remain with the size 1."""
    reduced = without(type, axes)
    if to.opset < AXES_AS_INPUT:
        return to.step(label, "ReduceMean", [value], reduced, axes=axes)
    return to.step(label, "ReduceMean", [value, to.constant(f"{label}_axes", axes)], reduced)


def without(type: TensorType, axes: Sequence[int]) -> TensorType:
    """The type with axes reduced to the size 1."""
    shape = type.shape
    for axis in axes:
        shape = shape.replace(axis, 1)
    return TensorType(shape, type.dtype)


def stretched(to: Emitter, suffix: str, axes: Sequence[int]) -> str:
    """A weight whose axes are those axes of the bottom, with axes of size 1 for the others.

    Those before its first are left out: ONNX matches axes from the last one.
    """
    weight = next(p for p in to.node.parameters if p.name.endswith(f".{suffix}"))
    value, rank = to.weight(suffix), to.node.bottoms[0].shape.rank
    sizes = dict(zip(axes, weight.shape, strict=True))
    shape = [sizes.get(axis, 1) for axis in range(min(axes, default=rank), rank)]
    if len(shape) == len(sizes):
        return value
    type = TensorType(Shape(tuple(shape)), weight.dtype)
    target = to.constant(f"{suffix}_shape", shape)
    return to.step(f"{suffix}_stretched", "Reshape", [value, target], type)


def standardized(to: Emitter, axes: Sequence[int], eps: float, affine: Sequence[int]) -> None:
    """The top: (x - mean) / sqrt(variance + eps) over axes, then scale and shift if any.

    `affine` are the axes of weight and bias; none where there is neither.
    """
    to = in_float32(to)
    type = to.node.bottoms[0].type
    centred = centre(to, axes)
    square = to.step("square", "Mul", [centred, centred], type)
    variance = mean(to, "variance", square, type, axes)
    inputs = [variance, to.float_constant("eps", eps)]
    nudged = to.step("nudged", "Add", inputs, without(type, axes))
    deviation = to.step("deviation", "Sqrt", [nudged], without(type, axes))
    if not affine:
        to.top("Div", [centred, deviation])
        return
    normal = to.step("normal", "Div", [centred, deviation], type)
    scaled = to.step("scaled", "Mul", [normal, stretched(to, "weight", affine)], type)
    to.top("Add", [scaled, stretched(to, "bias", affine)])


def centre(to: Emitter, axes: Sequence[int]) -> str:
    """The bottom less its mean over axes."""
    type = to.node.bottoms[0].type
    average = mean(to, "mean", to.bottoms[0], type, axes)
    return to.step("centred", "Sub", [to.bottoms[0], average], type)
