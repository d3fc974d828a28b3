"""RMSNorm."""

import numpy as np

from netspec.layers.rms_norm import RMSNorm
from netspec.lower.onnx.emitter import Emitter, bounded
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.axes import mean, stretched, without
from netspec.lower.onnx.steps.single import in_float32

RMS_NORM = 23
"""The opset that brought RMSNormalization."""


@lowers(RMSNorm)
def rms_norm(layer: RMSNorm, to: Emitter) -> None:
    """ONNX's operator normalizes over the last axes only, and must have a scale."""
    shape = to.node.bottoms[0].shape
    axes = layer.axes(shape)
    if to.opset < RMS_NORM or axes != tuple(range(axes[0], shape.rank)):
        _in_steps(layer, to, axes)
        return
    if layer.affine:
        scale = to.weight("weight")
    else:
        scale = to.float_constant("scale", np.ones(bounded(*layer.sizes(shape))))
    to.top("RMSNormalization", [*to.bottoms, scale], axis=axes[0], epsilon=layer.eps)


def _in_steps(layer: RMSNorm, to: Emitter, axes: tuple[int, ...]) -> None:
    to = in_float32(to)
    type = to.node.bottoms[0].type
    reduced = without(type, axes)
    square = to.step("square", "Mul", [*to.bottoms, *to.bottoms], type)
    power = mean(to, "power", square, type, axes)
    nudged = to.step("nudged", "Add", [power, to.float_constant("eps", layer.eps)], reduced)
    root = to.step("root", "Sqrt", [nudged], reduced)
    if not layer.affine:
        to.top("Div", [*to.bottoms, root])
        return
    normal = to.step("normal", "Div", [*to.bottoms, root], type)
    to.top("Mul", [normal, stretched(to, "weight", axes)])
