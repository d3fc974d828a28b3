"""The way back from a maximum pooling."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.unpooling import Unpooling
from netspec.lower.torch.code import Expr, Literal, call
from netspec.lower.torch.registry import Lowered, lowers

HELPER = "unpool2d"
"""`F.max_unpool2d` asks for the pooling's kernel and stride, only to check the size."""


@lowers(Unpooling)
def unpooling(layer: Unpooling, node: Node) -> Lowered:
    height, width = node.tops[0].shape[2:]
    assert isinstance(height, int)
    assert isinstance(width, int)

    def unpooled(operands: Sequence[Expr]) -> Expr:
        blob, mask = operands
        return call(HELPER, blob, mask, Literal((height, width)))

    return Lowered(function=unpooled, helper=HELPER)
