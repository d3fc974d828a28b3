"""BatchNorm, MVN and Normalize."""

import numpy as np

from netspec.layers.normalization import MVN, BatchNorm, Normalize
from netspec.lower.onnx.emitter import Emitter, bounded
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.axes import centre, mean, standardized, stretched, without
from netspec.lower.onnx.steps.single import in_float32


@lowers(BatchNorm)
def batch_norm(layer: BatchNorm, to: Emitter) -> None:
    if layer.use_global_stats is False:
        # ONNX's own operator knows the batch's statistics in training mode alone, which runtimes
        # made for inference may lack.
        axes = [axis for axis in range(to.node.bottoms[0].shape.rank) if axis != 1]
        standardized(to, axes, layer.eps, [1] if layer.affine else [])
        return
    if layer.affine:
        affine = [to.weight("weight"), to.weight("bias")]
    else:
        channels = to.node.bottoms[0].shape[1]
        assert isinstance(channels, int)  # BatchNorm's shape rule has seen to it
        scale = to.float_constant("scale", np.ones(bounded(channels)))
        affine = [scale, to.float_constant("shift", np.zeros(channels))]
    to.top(
        "BatchNormalization",
        [*to.bottoms, *affine, to.weight("running_mean"), to.weight("running_var")],
        epsilon=layer.eps,
        momentum=layer.moving_average_fraction,
    )


@lowers(MVN)
def mvn(layer: MVN, to: Emitter) -> None:
    """ONNX's MeanVarianceNormalization adds its own eps to its own place."""
    to = in_float32(to)
    type = to.node.bottoms[0].type
    axes = list(range(layer.first_axis, type.shape.rank))
    if not layer.normalize_variance:
        average = mean(to, "mean", to.bottoms[0], type, axes)
        to.top("Sub", [*to.bottoms, average])
        return
    centred = centre(to, axes)
    square = to.step("square", "Mul", [centred, centred], type)
    variance = mean(to, "variance", square, type, axes)
    root = to.step("root", "Sqrt", [variance], without(type, axes))
    inputs = [root, to.float_constant("eps", layer.eps)]
    deviation = to.step("deviation", "Add", inputs, without(type, axes))
    to.top("Div", [centred, deviation])


@lowers(Normalize)
def normalize(layer: Normalize, to: Emitter) -> None:
    """ONNX's LpNormalization has no eps and knows one axis alone."""
    to = in_float32(to)
    type = to.node.bottoms[0].type
    axes = list(range(1, type.shape.rank)) if layer.across_spatial else [1]
    reduced = without(type, axes)
    square = to.step("square", "Mul", [*to.bottoms, *to.bottoms], type)
    total = to.step("total", "ReduceSum", [square, to.constant("axes", axes)], reduced)
    nudged = to.step("nudged", "Add", [total, to.float_constant("eps", layer.eps)], reduced)
    length = to.step("length", "Sqrt", [nudged], reduced)
    unit = to.step("unit", "Div", [*to.bottoms, length], type)
    to.top("Mul", [unit, stretched(to, "weight", [1])])
