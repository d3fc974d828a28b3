"""Deconvolution."""

from netspec.layers.deconvolution import Deconvolution
from netspec.layers.fields import spread
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers


@lowers(Deconvolution)
def deconvolution(layer: Deconvolution, to: Emitter) -> None:
    axes = to.node.bottoms[0].shape.rank - 2
    inputs = [*to.bottoms, to.weight("weight")]
    if layer.bias_term:
        inputs.append(to.weight("bias"))
    to.top(
        "ConvTranspose",
        inputs,
        kernel_shape=spread(layer.kernel_size, axes),
        strides=spread(layer.stride, axes),
        pads=spread(layer.pad, axes) * 2,
        output_padding=spread(layer.output_pad, axes),
        dilations=spread(layer.dilation, axes),
        group=layer.group,
    )
