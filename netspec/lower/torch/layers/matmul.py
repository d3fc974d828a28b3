"""The product of two blobs as matrices."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.matmul import MatMul
from netspec.lower.torch.code import Expr, Literal, Operation, method
from netspec.lower.torch.registry import Lowered, lowers


@lowers(MatMul)
def matmul(layer: MatMul, node: Node) -> Lowered:
    def product(operands: Sequence[Expr]) -> Expr:
        one, other = operands
        if layer.transpose:
            other = method(other, "transpose", Literal(-2), Literal(-1))
        if layer.scale == 1:
            return Operation((one, other), ("@",))
        return Operation((one, other, Literal(layer.scale, "scale")), ("@", "*"))

    return Lowered(function=product)
