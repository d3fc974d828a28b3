"""Layers that are a module and a function of PyTorch's under the same arguments."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers import Layer
from netspec.lower.torch.code import Expr, Literal, call
from netspec.lower.torch.registry import Lowered, lowers


def elementwise(module: str, function: str, *arguments: Literal, in_place: bool = False) -> Lowered:
    """A layer of each element that PyTorch has in place, too."""
    inplace = Literal(in_place, "inplace", False)

    def applied(operands: Sequence[Expr]) -> Expr:
        return call(function, operands[0], *arguments, inplace=inplace)

    return Lowered(call(module, *arguments, inplace=inplace), applied)


def lowers_plainly(layer: type[Layer], module: str, function: str) -> None:
    """Register a layer whose module and whose function take nothing but the operand."""

    def applied(operands: Sequence[Expr]) -> Expr:
        return call(function, operands[0])

    @lowers(layer)
    def lowered(layer: Layer, node: Node) -> Lowered:
        return Lowered(call(module), applied)
