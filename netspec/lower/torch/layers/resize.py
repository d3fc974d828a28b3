"""Upsample, PixelShuffle and ChannelShuffle."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.fields import spread
from netspec.layers.resize import ChannelShuffle, PixelShuffle, Upsample
from netspec.layers.space_to_depth import SpaceToDepth
from netspec.lower.torch.code import Brackets, Expr, Literal, Name, call, scalar
from netspec.lower.torch.layers.sizes import is_known, known, sized
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Upsample)
def upsample(layer: Upsample, node: Node) -> Lowered:
    settings = {
        "mode": Literal(layer.mode.lower(), "mode", "nearest"),
        "align_corners": Literal(layer.align_corners, "align_corners", False),
    }
    if len(node.bottoms) == 2:

        def resized_alike(operands: Sequence[Expr]) -> Expr:
            x, wanted = operands
            size = Name(f"{flat(wanted)}.shape[2:]")
            return call("F.interpolate", x, size=size, **settings)

        return Lowered(function=resized_alike)
    axes = node.bottoms[0].shape.rank - 2
    sizes = spread(layer.size or 1, axes)
    if not is_known(sizes):

        def resized_to(operands: Sequence[Expr]) -> Expr:
            there = [sized(size, node, operands, 2 + n) for n, size in enumerate(sizes)]
            return call("F.interpolate", operands[0], size=Brackets("()", tuple(there)), **settings)

        return Lowered(function=resized_to, repeats=True)
    if layer.scale is None:
        settings = {"size": Literal(scalar(known(sizes)), "size"), **settings}
    else:
        factors = Literal(scalar(layer.scale), "scale_factor")
        settings = {"scale_factor": factors, **settings}

    def resized(operands: Sequence[Expr]) -> Expr:
        return call("F.interpolate", operands[0], **settings)

    return Lowered(call("nn.Upsample", **settings), resized)


@lowers(PixelShuffle)
def pixel_shuffle(layer: PixelShuffle, node: Node) -> Lowered:
    factor = Literal(layer.upscale_factor, "upscale_factor")
    return Lowered(
        call("nn.PixelShuffle", factor), lambda operands: call("F.pixel_shuffle", *operands, factor)
    )


@lowers(SpaceToDepth)
def space_to_depth(layer: SpaceToDepth, node: Node) -> Lowered:
    factor = Literal(layer.block_size, "downscale_factor")

    if layer.order == "DCR":
        helper = "space_to_depth"
        return Lowered(function=lambda operands: call(helper, *operands, factor), helper=helper)
    module = call("nn.PixelUnshuffle", factor)
    return Lowered(module, lambda operands: call("F.pixel_unshuffle", *operands, factor))


@lowers(ChannelShuffle)
def channel_shuffle(layer: ChannelShuffle, node: Node) -> Lowered:
    groups = Literal(layer.group, "groups")
    return Lowered(
        call("nn.ChannelShuffle", groups),
        lambda operands: call("F.channel_shuffle", *operands, groups),
    )
