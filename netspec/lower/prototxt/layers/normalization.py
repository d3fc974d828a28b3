"""Normalization, and what scales and shifts."""

from collections.abc import Iterator
from typing import Any

from netspec.graph import Node
from netspec.graph.fillers import ONES, ZEROS
from netspec.layers.affine import Bias, Scale
from netspec.layers.lrn import LRN
from netspec.layers.normalization import MVN, BatchNorm
from netspec.lower.prototxt.pieces import Inexpressible, Piece, filler
from netspec.lower.prototxt.registry import writes


@writes(BatchNorm)
def batch_norm(layer: BatchNorm, node: Node) -> Iterator[Piece]:
    """Caffe's doesn't scale: a Scale behind it does."""
    if node.reused:
        raise Inexpressible("Caffe can't use a BatchNorm's statistics in two layers")
    fields: dict[str, Any] = {"moving_average_fraction": layer.moving_average_fraction}
    fields["eps"] = layer.eps
    if layer.use_global_stats is not None:
        fields["use_global_stats"] = layer.use_global_stats
    yield Piece("BatchNorm", {"batch_norm_param": fields})
    if layer.affine:
        scale = {"scale_param": {"bias_term": True}}
        yield Piece("Scale", scale, "_scale", reads=("",), weights=("weight", "bias"))


@writes(Scale)
def scale(layer: Scale, node: Node) -> Iterator[Piece]:
    fields: dict[str, Any] = {"bias_term": layer.bias_term}
    if layer.bias_term and layer.bias_filler != ZEROS:
        fields["bias_filler"] = filler(layer.bias_filler)
    bias = ("bias",) if layer.bias_term else ()
    if len(node.bottoms) == 2:
        yield from _stretched(layer, node, "scale_param", fields, bias)
        return
    fields = {"axis": layer.axis, "num_axes": layer.num_axes} | fields
    if layer.filler != ONES:
        fields["filler"] = filler(layer.filler)
    yield Piece("Scale", {"scale_param": fields}, weights=("weight", *bias))


@writes(Bias)
def bias(layer: Bias, node: Node) -> Iterator[Piece]:
    if len(node.bottoms) == 2:
        yield from _stretched(layer, node, "bias_param", {}, ())
        return
    fields: dict[str, Any] = {"axis": layer.axis, "num_axes": layer.num_axes}
    if layer.filler != ZEROS:
        fields["filler"] = filler(layer.filler)
    yield Piece("Bias", {"bias_param": fields}, weights=("bias",))


def _stretched(
    layer: Scale | Bias, node: Node, name: str, fields: dict[str, Any], bias: tuple[str, ...]
) -> Iterator[Piece]:
    """With a second bottom, of whose sizes Caffe takes none that is stretched: 1s behind go."""
    whole, second = node.bottom
    first = layer.first_axis([blob.type for blob in node.bottoms])
    sizes = list(second)
    while len(sizes) > 1 and sizes[-1] == 1 and whole[first + len(sizes) - 1] != 1:
        sizes.pop()
    if list(whole[first : first + len(sizes)]) != sizes:
        raise Inexpressible(f"Caffe's {node.type} doesn't stretch single elements over an axis")
    reads: tuple[int | str, ...] = (0, 1)
    if len(sizes) < second.rank:
        reads = (0, "_factors")
        flat = {"flatten_param": {"axis": len(sizes) - 1}}
        yield Piece("Flatten", flat, "_factors", reads=(1,))
    settings = {name: {"axis": first} | fields}
    yield Piece(node.type, settings, reads=reads, weights=bias)


@writes(LRN)
def lrn(layer: LRN, node: Node) -> Piece:
    names = ("local_size", "alpha", "beta", "norm_region", "k")
    return Piece("LRN", {"lrn_param": {name: getattr(layer, name) for name in names}})


@writes(MVN)
def mvn(layer: MVN, node: Node) -> Piece:
    names = ("normalize_variance", "across_channels", "eps")
    return Piece("MVN", {"mvn_param": {name: getattr(layer, name) for name in names}})
