"""Layers that are a module and a function of PyTorch's under the same arguments: none."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers import Layer
from netspec.lower.torch.code import Expr, call
from netspec.lower.torch.registry import Lowered, lowers


def lowers_plainly(layer: type[Layer], module: str, function: str) -> None:
    """Register a layer whose module and whose function take nothing but the operand."""

    def applied(operands: Sequence[Expr]) -> Expr:
        return call(function, operands[0])

    @lowers(layer)
    def lowered(layer: Layer, node: Node) -> Lowered:
        return Lowered(call(module), applied)
