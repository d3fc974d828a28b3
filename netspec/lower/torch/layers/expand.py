"""Expand."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.expand import Expand
from netspec.lower.torch.code import Expr, Literal, Name, method
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Expand)
def expand(layer: Expand, node: Node) -> Lowered:
    rank = node.bottoms[0].shape.rank

    def stretched(operands: Sequence[Expr]) -> Expr:
        x, wanted = operands
        if layer.axis is None:
            return method(x, "expand_as", wanted)
        sizes: list[Expr] = [Literal(-1)] * rank
        for axis in layer.axes(rank):
            sizes[axis] = Name(f"{flat(wanted)}.shape[{axis}]")
        return method(x, "expand", *sizes)

    return Lowered(function=stretched)
