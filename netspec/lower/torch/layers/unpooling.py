"""The way back from a maximum pooling."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.unpooling import Unpooling
from netspec.lower.torch.code import Expr, Literal, call
from netspec.lower.torch.registry import Lowered, lowers

HELPER = "unpool{}d"
"""`F.max_unpool2d` and its kin ask for the pooling's kernel and stride, only to check the size."""


@lowers(Unpooling)
def unpooling(layer: Unpooling, node: Node) -> Lowered:
    size = tuple(each for each in node.tops[0].shape[2:] if isinstance(each, int))
    helper = HELPER.format(len(size))

    def unpooled(operands: Sequence[Expr]) -> Expr:
        blob, mask = operands
        return call(helper, blob, mask, Literal(size))

    return Lowered(function=unpooled, helper=helper)
