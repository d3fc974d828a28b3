"""Convolution."""

from netspec.layers.convolution import Convolution
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers


@lowers(Convolution)
def convolution(layer: Convolution, to: Emitter) -> None:
    inputs = [*to.bottoms, to.weight("weight")]
    if layer.bias_term:
        inputs.append(to.weight("bias"))
    to.top(
        "Conv",
        inputs,
        kernel_shape=layer.kernel_size,
        strides=layer.stride,
        pads=layer.pad * 2,
        dilations=layer.dilation,
        group=layer.group,
    )
