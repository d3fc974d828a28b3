"""Layers that move elements about."""

from netspec.eager.reductions import cat
from netspec.eager.registry import Use, runs
from netspec.eager.tensor import Tensor, made
from netspec.eager.views import (
    expand,
    flatten,
    layout,
    narrow,
    permute,
    reshape,
    select,
    transpose,
    unflatten,
)
from netspec.eager.windows import indexed, moved, pad, resized
from netspec.layers.crop import Crop
from netspec.layers.expand import Expand
from netspec.layers.gather import Gather
from netspec.layers.reshape import Reshape
from netspec.layers.resize import ChannelShuffle, PixelShuffle, Upsample
from netspec.layers.roll import Roll
from netspec.layers.shape import Concat, Flatten, Identity, Pad, Permute, Tile
from netspec.layers.slice import Slice
from netspec.layers.space_to_depth import SpaceToDepth


@runs(Identity)
def identity(layer: Identity, use: Use) -> Tensor:
    return use.x


@runs(Flatten)
def flattened(layer: Flatten, use: Use) -> Tensor:
    return flatten(use.x, layer.axis, layer.end_axis)


@runs(Reshape)
def reshaped(layer: Reshape, use: Use) -> Tensor:
    return reshape(use.x, use.shape)


@runs(Permute)
def permuted(layer: Permute, use: Use) -> Tensor:
    return permute(use.x, layer.order)


@runs(Concat)
def joined(layer: Concat, use: Use) -> Tensor:
    return cat(use.bottoms, layer.axis)


@runs(Slice)
def cut(layer: Slice, use: Use) -> list[Tensor]:
    if len(use.gives) == 1:
        return [use.x]
    axis = layer.axis % use.x.rank
    return [narrow(use.x, axis, shape[axis]) for shape in use.shapes]


@runs(Crop)
def cropped(layer: Crop, use: Use) -> Tensor:
    x = use.x
    for axis in range(layer.axis % x.rank, x.rank):
        x = narrow(x, axis, use.shape[axis])
    return x


@runs(Pad)
def padded(layer: Pad, use: Use) -> Tensor:
    return pad(use.x, use.shape)


@runs(Tile)
def tiled(layer: Tile, use: Use) -> Tensor:
    return moved(use.x, use.shape)


@runs(Roll)
def rolled(layer: Roll, use: Use) -> Tensor:
    return made([use.x], use.shape, strides=layout(use.x, use.shape))


@runs(Expand)
def expanded(layer: Expand, use: Use) -> Tensor:
    return expand(use.x, use.shape)


@runs(Gather)
def gathered(layer: Gather, use: Use) -> Tensor:
    if isinstance(layer.indices, int):
        return select(use.x, layer.axis)
    if layer.indices is not None:
        return indexed(use.x, use.tape.new((len(layer.indices),), "int64"), use.shape)
    indices = use.bottoms[1]
    return select(use.x, layer.axis) if not indices.rank else indexed(use.x, indices, use.shape)


@runs(Upsample)
def upsampled(layer: Upsample, use: Use) -> Tensor:
    return resized(use.x, use.shape)


@runs(PixelShuffle, ChannelShuffle)
def shuffled(layer: PixelShuffle | ChannelShuffle, use: Use) -> Tensor:
    return resized(use.x, use.shape)


@runs(SpaceToDepth)
def to_depth(layer: SpaceToDepth, use: Use) -> Tensor:
    x = resized(use.x, use.shape)
    if layer.order != "DCR":
        return x
    squares = layer.block_size**2
    x = unflatten(x, 1, (x.shape[1] // squares, squares))
    return flatten(transpose(x, 1, 2), 1, 2)
