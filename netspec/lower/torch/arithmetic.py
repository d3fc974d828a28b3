"""Layers that compute with several blobs."""

from collections.abc import Sequence
from functools import reduce

from netspec.graph import Node
from netspec.layers.arithmetic import Eltwise
from netspec.lower.torch.code import Expr, Literal, Name, Operation, call
from netspec.lower.torch.layout import flat
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Eltwise)
def eltwise(layer: Eltwise, node: Node) -> Lowered:
    def total(operands: Sequence[Expr]) -> Expr:
        return weighted_sum(operands, layer.coeff or [1.0] * len(operands))

    def product(operands: Sequence[Expr]) -> Expr:
        return Operation(tuple(operands), ("*",) * (len(operands) - 1))

    def greatest(operands: Sequence[Expr]) -> Expr:
        return reduce(lambda one, other: call("torch.maximum", one, other), operands)

    return Lowered(function={"SUM": total, "PROD": product, "MAX": greatest}[layer.operation])


def weighted_sum(operands: Sequence[Expr], factors: Sequence[float]) -> Expr:
    """`a - b + 0.5 * c`: signs between the operands, factors of one left out."""
    terms = [
        operand if abs(factor) == 1 else Operation((Literal(abs(factor)), operand), ("*",))
        for operand, factor in zip(operands, factors, strict=True)
    ]
    if factors[0] < 0:
        terms[0] = Name(f"-{flat(terms[0])}")
    return Operation(tuple(terms), tuple("-" if factor < 0 else "+" for factor in factors[1:]))
