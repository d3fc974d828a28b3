"""Layers with weights: convolutions and products."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from netspec.graph.types import Shape
from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.layers.values import (
    engine,
    given,
    per_axis,
    take,
    volume,
    weight_fillers,
    window,
)
from netspec.importers.caffe.parts import CaffeLayer, Deferred, Part, Translated, Values
from netspec.importers.caffe.told import Told

_SETTINGS = "convolution_param"


@translates("Convolution", "DepthwiseConvolution", "ConvolutionDepthwise", "Deconvolution")
def convolution(layer: CaffeLayer) -> Translated:
    message = layer.message(_SETTINGS)
    engine(layer, message, "force_nd_im2col", "conv_algorithm", "fast_algorithm")
    fields = _filters(layer, message)
    if layer.type.value == "ConvolutionDepthwise" and "group" not in fields:
        fields["group"] = fields["num_output"]
    axis = message.told("axis")
    kind = "Deconvolution" if layer.type.value == "Deconvolution" else "Convolution"
    blobs = ("weight", "bias")[: 1 if _without_bias(fields) else 2]
    part = Part(kind, fields, blobs=blobs)
    if axis is not None and axis.value != 1:
        return Deferred(kind, partial(_elsewhere, layer, axis, part))
    return list(_for_each(layer, part))


def _elsewhere(
    layer: CaffeLayer, axis: Told, part: Part, bottoms: Sequence[Shape]
) -> Sequence[Part]:
    """With its channels in another axis than 1: those before it are a batch, and are joined."""
    shape = bottoms[0]
    number = axis.value + shape.rank if axis.value < 0 else axis.value
    if number == 1:
        return list(_for_each(layer, part))
    if not 1 < number < shape.rank or len(layer.bottoms) > 1:
        layer.refuse(f"channels of {shape} in axis {axis.value} aren't imported", axis.place)
    if not all(isinstance(size, int) for size in shape[1:number]):
        layer.refuse(f"the axes before the channels, {shape[:number]}, need sizes", axis.place)
    joined: Values = {"shape": axis.but([-1]), "axis": axis.but(0), "num_axes": axis.but(number)}
    apart: Values = {"shape": axis.but([-1, *shape[1:number]]), "num_axes": axis.but(1)}
    return [
        Part("Reshape", joined, "_joined", (0,), ()),
        replace(part, suffix="_filters", bottoms=("_joined",), tops=()),
        Part("Reshape", apart, "", ("_filters",)),
    ]


def _filters(layer: CaffeLayer, message: Fields) -> Values:
    fields = take(message, "num_output")
    fields |= given(
        kernel_size=window(message, "kernel_size", "kernel"),
        stride=window(message, "stride", "stride"),
        pad=window(message, "pad", "pad"),
        dilation=per_axis(message.every("dilation")),
    )
    fields |= take(message, "group", "bias_term")
    return fields | weight_fillers(layer, message)


@translates("CONVOLUTION3D", "Convolution3D", "DECONVOLUTION3D", "Deconvolution3D")
def convolution_3d(layer: CaffeLayer) -> Translated:
    """C3D's, whose kernels have a depth of their own."""
    own = "convolution3d_param" in layer.fields
    message = layer.message("convolution3d_param" if own else _SETTINGS)
    engine(layer, message)
    fields = take(message, "num_output") | volume(message)
    fields |= take(message, "group", "bias_term") | weight_fillers(layer, message)
    kind = "Convolution" if layer.type.value.lower().startswith("conv") else "Deconvolution"
    return Part(kind, fields, blobs=("weight", "bias")[: 1 if _without_bias(fields) else 2])


def _without_bias(fields: Values) -> bool:
    term = fields.get("bias_term")
    if term is None or term.value:
        return False
    fields.pop("bias_filler", None)
    return True


def _for_each(layer: CaffeLayer, part: Part) -> Iterator[Part]:
    """The same weights for each of several bottoms, which have a top each."""
    for number in range(max(len(layer.bottoms), 1)):
        part.bottoms, part.tops = (number,), (number,)
        yield part
        part = Part("", suffix=f"_{number + 2}", reuse="", param=())


@translates("InnerProduct")
def inner_product(layer: CaffeLayer) -> Translated:
    message = layer.message("inner_product_param")
    engine(layer, message)
    fields = take(message, "num_output", "axis")
    fields |= take(message, "bias_term", "transpose") | weight_fillers(layer, message)
    blobs = ("weight", "bias")[: 1 if _without_bias(fields) else 2]
    return Part("InnerProduct", fields, blobs=blobs)


@translates("Embed")
def embed(layer: CaffeLayer) -> Translated:
    message = layer.message("embed_param")
    fields = take(message, "input_dim", "num_output")
    fields |= take(message, "bias_term") | weight_fillers(layer, message)
    blobs = ("weight", "bias")[: 1 if _without_bias(fields) else 2]
    return Part("Embed", fields, blobs=blobs)
