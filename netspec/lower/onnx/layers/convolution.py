"""Convolution."""

from netspec.layers.convolution import Convolution
from netspec.layers.fields import spread
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers


@lowers(Convolution)
def convolution(layer: Convolution, to: Emitter) -> None:
    axes = to.node.bottoms[0].shape.rank - 2
    inputs = [*to.bottoms, to.weight("weight")]
    if layer.bias_term:
        inputs.append(to.weight("bias"))
    to.top(
        "Conv",
        inputs,
        kernel_shape=spread(layer.kernel_size, axes),
        strides=spread(layer.stride, axes),
        pads=spread(layer.pad, axes) * 2,
        dilations=spread(layer.dilation, axes),
        group=layer.group,
    )
