"""Deconvolution."""

from netspec.layers.deconvolution import Deconvolution
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers


@lowers(Deconvolution)
def deconvolution(layer: Deconvolution, to: Emitter) -> None:
    inputs = [*to.bottoms, to.weight("weight")]
    if layer.bias_term:
        inputs.append(to.weight("bias"))
    to.top(
        "ConvTranspose",
        inputs,
        kernel_shape=layer.kernel_size,
        strides=layer.stride,
        pads=layer.pad * 2,
        output_padding=layer.output_pad,
        dilations=layer.dilation,
        group=layer.group,
    )
