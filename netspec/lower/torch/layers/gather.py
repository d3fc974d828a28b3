"""Gather."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.gather import Gather
from netspec.lower.torch.code import Brackets, Expr, Name, Subscript
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Gather)
def gather(layer: Gather, node: Node) -> Lowered:
    before = [":"] * (layer.axis % node.bottoms[0].shape.rank)

    def chosen(operands: Sequence[Expr]) -> Expr:
        return Subscript(operands[0], (*before, _index(layer, operands)))

    return Lowered(function=chosen)


def _index(layer: Gather, operands: Sequence[Expr]) -> str | Brackets:
    if isinstance(layer.indices, list):
        return Brackets("[]", tuple(Name(str(each)) for each in layer.indices))
    return flat(operands[1]) if layer.indices is None else str(layer.indices)
