"""Upsample, PixelShuffle and ChannelShuffle."""

import numpy as np

from netspec.layers.fields import spread
from netspec.layers.resize import ChannelShuffle, PixelShuffle, Upsample
from netspec.layers.space_to_depth import SpaceToDepth
from netspec.lower.onnx.emitter import Emitter, bounded
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.layers.resize_nearest import nearest, sizes
from netspec.lower.onnx.steps.sizes import sizes_of, told


@lowers(Upsample)
def upsample(layer: Upsample, to: Emitter) -> None:
    if layer.mode == "NEAREST":
        nearest(layer, to)
        return
    where = "align_corners" if layer.align_corners else "half_pixel"
    inputs = [to.bottoms[0], "", *_size(layer, to)]
    to.top("Resize", inputs, mode="linear", coordinate_transformation_mode=where)


def _size(layer: Upsample, to: Emitter) -> list[str]:
    """Resize's `scales`, or none and its `sizes`."""
    axes = to.node.bottoms[0].shape.rank - 2
    if layer.scale is not None:
        factors = [1, 1, *spread(layer.scale, axes)]
        return [to.constant("scales", np.asarray(factors, np.float32))]
    if layer.size is not None:
        size = told(to, "size", spread(layer.size, axes), range(2, 2 + axes))
        return ["", sizes(to, size)]
    known = [size for size in to.node.tops[0].shape[2:] if isinstance(size, int)]
    if len(known) == axes and not to.must_read(1):
        return ["", sizes(to, to.constant("size", known))]
    return ["", sizes(to, sizes_of(to, "size", 1, 2, 2 + axes))]


@lowers(PixelShuffle)
def pixel_shuffle(layer: PixelShuffle, to: Emitter) -> None:
    to.top("DepthToSpace", to.bottoms, blocksize=layer.upscale_factor, mode="CRD")


@lowers(SpaceToDepth)
def space_to_depth(layer: SpaceToDepth, to: Emitter) -> None:
    if layer.order == "DCR":
        to.top("SpaceToDepth", to.bottoms, blocksize=layer.block_size)
        return
    type = to.node.tops[0].type
    value = to.step("squares", "SpaceToDepth", to.bottoms, type, blocksize=layer.block_size)
    channels = type.shape[1]
    assert isinstance(channels, int)  # the shape rule has seen to it
    order = np.arange(*bounded(channels)).reshape(layer.block_size**2, -1).T.reshape(-1)
    to.top("Gather", [value, to.constant("channels", order)], axis=1)


@lowers(ChannelShuffle)
def channel_shuffle(layer: ChannelShuffle, to: Emitter) -> None:
    """A Gather: the usual Reshape, Transpose, Reshape needs to know height and width."""
    channels = to.node.bottoms[0].shape[1]
    assert isinstance(channels, int)  # the shape rule has seen to it
    order = np.arange(*bounded(channels)).reshape(layer.group, -1).T.reshape(-1)
    to.top("Gather", [*to.bottoms, to.constant("channels", order)], axis=1)
