"""Upsample, PixelShuffle and ChannelShuffle."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.fields import spread
from netspec.layers.resize import ChannelShuffle, PixelShuffle, Upsample
from netspec.layers.told import sizes_in
from netspec.lower.torch.code import Brackets, Expr, Literal, Name, call, scalar
from netspec.lower.torch.layers.sizes import is_known, sized
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
    if layer.size is not None and not is_known(sizes_in(layer.size)):
        sizes = spread(layer.size, node.bottoms[0].shape.rank - 2)

        def resized_to(operands: Sequence[Expr]) -> Expr:
            sides = tuple(sized(each, node, operands, 2 + n) for n, each in enumerate(sizes))
            return call("F.interpolate", operands[0], size=Brackets("()", sides), **settings)

        return Lowered(function=resized_to, repeats=True)
    name, given = ("size", layer.size) if layer.scale is None else ("scale_factor", layer.scale)
    assert given is not None
    settings = {name: Literal(scalar(given), name), **settings}

    def resized(operands: Sequence[Expr]) -> Expr:
        return call("F.interpolate", operands[0], **settings)

    return Lowered(call("nn.Upsample", **settings), resized)


@lowers(PixelShuffle)
def pixel_shuffle(layer: PixelShuffle, node: Node) -> Lowered:
    factor = Literal(layer.upscale_factor, "upscale_factor")
    return Lowered(
        call("nn.PixelShuffle", factor), lambda operands: call("F.pixel_shuffle", *operands, factor)
    )


@lowers(ChannelShuffle)
def channel_shuffle(layer: ChannelShuffle, node: Node) -> Lowered:
    groups = Literal(layer.group, "groups")
    return Lowered(
        call("nn.ChannelShuffle", groups),
        lambda operands: call("F.channel_shuffle", *operands, groups),
    )
