"""Layers with weights: convolutions, products, tables."""

from typing import Any

from netspec.graph import Node
from netspec.layers.convolution import Convolution, FilterLayer
from netspec.layers.deconvolution import Deconvolution
from netspec.layers.embed import Embed
from netspec.layers.fields import Extents, Paddings
from netspec.layers.inner_product import InnerProduct
from netspec.layers.parameter import Parameter
from netspec.lower.prototxt.pieces import Inexpressible, Piece, filler
from netspec.lower.prototxt.registry import writes


@writes(Convolution, Deconvolution)
def filters(layer: FilterLayer, node: Node) -> Piece:
    if isinstance(layer, Deconvolution) and layer.output_pad != 0:
        raise Inexpressible("Caffe's Deconvolution has no `output_pad`")
    fields: dict[str, Any] = {"num_output": layer.num_output}
    fields |= windows("kernel_size", layer.kernel_size) | windows("stride", layer.stride, 1)
    fields |= windows("pad", layer.pad, 0) | windows("dilation", layer.dilation, 1)
    fields |= {"group": layer.group} | _weights(layer)
    return Piece(node.type, {"convolution_param": fields}, weights=_names(layer))


def windows(name: str, sizes: Extents | Paddings, default: int | None = None) -> dict[str, Any]:
    """A size for all axes, or one for each."""
    each = list(sizes) if isinstance(sizes, tuple) else [sizes]
    alike = each[:1] if len(set(each)) == 1 else each
    return {} if alike == [default] else {name: alike}


@writes(InnerProduct)
def inner_product(layer: InnerProduct, node: Node) -> Piece:
    fields = {"num_output": layer.num_output, "axis": layer.axis, "transpose": layer.transpose}
    settings = {"inner_product_param": fields | _weights(layer)}
    return Piece("InnerProduct", settings, weights=_names(layer))


@writes(Embed)
def embed(layer: Embed, node: Node) -> Piece:
    fields = {"input_dim": layer.input_dim, "num_output": layer.num_output}
    return Piece("Embed", {"embed_param": fields | _weights(layer)}, weights=_names(layer))


@writes(Parameter)
def parameter(layer: Parameter, node: Node) -> Piece:
    if layer.filler != type(layer.filler)():
        raise Inexpressible("Caffe's Parameter begins with zeros, whatever its filler")
    shape = {"shape": {"dim": list(layer.shape)}}
    return Piece("Parameter", {"parameter_param": shape}, weights=("",))


def _weights(layer: Any) -> dict[str, Any]:
    """Whether there is a bias, and how weights begin: Caffe's are 0 where a file doesn't say."""
    fields: dict[str, Any] = {"bias_term": layer.bias_term}
    fields["weight_filler"] = filler(layer.weight_filler)
    if layer.bias_term and layer.bias_filler != type(layer.bias_filler)():
        fields["bias_filler"] = filler(layer.bias_filler)
    return fields


def _names(layer: Any) -> tuple[str, ...]:
    return ("weight", "bias") if layer.bias_term else ("weight",)
