"""Crop."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.crop import Crop
from netspec.lower.torch.code import Expr, Literal, Subscript, call
from netspec.lower.torch.layers.sizes import is_known, sized
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.registry import Lowered, lowers

HELPER = "center_crop"


@lowers(Crop)
def crop(layer: Crop, node: Node) -> Lowered:
    rank = node.bottoms[0].shape.rank
    offsets = layer.offsets(rank)

    def cut(operands: Sequence[Expr]) -> Expr:
        x, wanted = operands
        if layer.center:
            return call(HELPER, x, wanted, Literal(layer.axis, "axis", 2))
        items = [":"] * rank
        for axis in range(layer.axis % rank, rank):
            size = f"{flat(wanted)}.shape[{axis}]"
            offset = offsets[axis] and flat(sized(offsets[axis], node, operands, axis))
            items[axis] = f"{offset} : {offset} + {size}" if offset else f": {size}"
        return Subscript(x, tuple(items))

    helper = HELPER if layer.center else ""
    return Lowered(function=cut, repeats=not is_known(offsets), helper=helper)
