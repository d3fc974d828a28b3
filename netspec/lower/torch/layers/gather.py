"""Gather."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.gather import Gather
from netspec.lower.torch.code import Expr, Subscript
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Gather)
def gather(layer: Gather, node: Node) -> Lowered:
    before = [":"] * (layer.axis % node.bottoms[0].shape.rank)

    def chosen(operands: Sequence[Expr]) -> Expr:
        numbers = f"[{', '.join(map(str, layer.indices or ()))}]"
        index = numbers if layer.indices is not None else flat(operands[1])
        return Subscript(operands[0], (*before, index))

    return Lowered(function=chosen)
