"""Layers that join, cut, move and sum up."""

from typing import Any

from netspec.graph import Node, SymbolicSize
from netspec.layers.arithmetic import Eltwise
from netspec.layers.crop import Crop
from netspec.layers.reduction import ArgMax, Reduction
from netspec.layers.reshape import Reshape
from netspec.layers.shape import Concat, Flatten, Identity, Tile
from netspec.layers.slice import Slice
from netspec.lower.prototxt.pieces import Inexpressible, Piece
from netspec.lower.prototxt.registry import writes

_OPERATIONS = ("SUM", "PROD", "MAX")


@writes(Eltwise)
def eltwise(layer: Eltwise, node: Node) -> Piece:
    if layer.operation == "SUB":
        return Piece(
            "Eltwise", {"eltwise_param": {"coeff": [1.0, *[-1.0] * (len(node.bottoms) - 1)]}}
        )
    if layer.operation not in _OPERATIONS:
        raise Inexpressible(f"Caffe's Eltwise has no {layer.operation}")
    fields = {"operation": layer.operation, "coeff": layer.coeff}
    return Piece("Eltwise", {"eltwise_param": fields})


@writes(Concat)
def concat(layer: Concat, node: Node) -> Piece:
    return Piece("Concat", {"concat_param": {"axis": layer.axis}})


@writes(Slice)
def slices(layer: Slice, node: Node) -> Piece:
    fields = {"axis": layer.axis, "slice_point": layer.slice_point}
    return Piece("Slice", {"slice_param": fields})


@writes(Identity)
def identity(layer: Identity, node: Node) -> Piece:
    return Piece("Split")


@writes(Flatten)
def flatten(layer: Flatten, node: Node) -> Piece:
    return Piece("Flatten", {"flatten_param": {"axis": layer.axis, "end_axis": layer.end_axis}})


@writes(Reshape)
def reshape(layer: Reshape, node: Node) -> Piece:
    first = layer.axis if layer.axis >= 0 else node.bottom[0].rank + 1 + layer.axis
    sizes = [_size(each, node, first + number) for number, each in enumerate(layer.shape)]
    fields: dict[str, Any] = {"shape": {"dim": sizes}}
    fields |= {"axis": layer.axis, "num_axes": layer.num_axes}
    return Piece("Reshape", {"reshape_param": fields})


def _size(size: Any, node: Node, axis: int) -> int:
    """A size as a number; 0 copies the bottom's."""
    if not isinstance(size, SymbolicSize):
        return int(size)
    shape = node.bottom[0]
    if axis < shape.rank and shape[axis] == size:
        return 0
    raise Inexpressible(f"Caffe's Reshape takes numbers, not a size of {size}")


@writes(Crop)
def crop(layer: Crop, node: Node) -> Piece:
    if layer.center:
        raise Inexpressible("Caffe's Crop has no `center`: give it an `offset`")
    return Piece("Crop", {"crop_param": {"axis": layer.axis, "offset": layer.offset}})


@writes(Tile)
def tile(layer: Tile, node: Node) -> Piece:
    return Piece("Tile", {"tile_param": {"axis": layer.axis, "tiles": layer.tiles}})


@writes(Reduction)
def reduction(layer: Reduction, node: Node) -> Piece:
    names = ("operation", "axis", "coeff")
    return Piece("Reduction", {"reduction_param": {name: getattr(layer, name) for name in names}})


@writes(ArgMax)
def arg_max(layer: ArgMax, node: Node) -> Piece:
    fields: dict[str, Any] = {"out_max_val": layer.out_max_val, "top_k": layer.top_k}
    if layer.axis is not None:
        fields["axis"] = layer.axis
    return Piece("ArgMax", {"argmax_param": fields})
