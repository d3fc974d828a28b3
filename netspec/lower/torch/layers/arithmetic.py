"""Layers that compute with several blobs."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial, reduce

from netspec.graph import Node
from netspec.layers.arithmetic import Eltwise
from netspec.lower.torch.code import Brackets, Expr, Literal, Name, Operation, call, method
from netspec.lower.torch.layers.shape import together
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.registry import Augment, Lowered, lowers

MANY = 64
"""Operands from which on an expression would be nested deeper than Python reads, or nearly."""


@lowers(Eltwise)
def eltwise(layer: Eltwise, node: Node) -> Lowered:
    factors = _factors(layer, len(node.bottoms))

    def total(operands: Sequence[Expr]) -> Expr:
        return weighted_sum(operands, factors)

    def product(operands: Sequence[Expr]) -> Expr:
        return Operation(tuple(operands), ("*",) * (len(operands) - 1))

    def quotient(operands: Sequence[Expr]) -> Expr:
        return Operation(tuple(operands), ("/",) * (len(operands) - 1))

    def extreme(operands: Sequence[Expr]) -> Expr:
        function = _FUNCTIONS[layer.operation]
        return reduce(lambda one, other: call(function, one, other), operands)

    if len(node.bottoms) > MANY:
        return Lowered(function=partial(_reduced, layer))
    if layer.operation in ("SUM", "SUB"):
        plain = Lowered(function=total, overwritable=True)
        if set(factors) == {1.0}:
            plain = replace(plain, gathered=_stacked)
        return replace(plain, in_place=replace(plain, augments=_added(factors)))
    return Lowered(function={"PROD": product, "DIV": quotient}.get(layer.operation, extreme))


_FUNCTIONS = {
    "SUM": "torch.add",
    "SUB": "torch.sub",
    "PROD": "torch.mul",
    "DIV": "torch.div",
    "MAX": "torch.maximum",
    "MIN": "torch.minimum",
}


def _factors(layer: Eltwise, count: int) -> list[float]:
    """What each operand of a sum is multiplied by."""
    if layer.operation == "SUB":
        return [1.0] + [-1.0] * (count - 1)
    return layer.coeff or [1.0] * count


def _reduced(layer: Eltwise, operands: Sequence[Expr]) -> Expr:
    """The same from the left, of more operands than Python can read in one expression."""
    factors = layer.coeff or [1.0] * len(operands)
    terms = [weighted_sum([each], [factor]) for each, factor in zip(operands, factors, strict=True)]
    function = _FUNCTIONS[layer.operation]
    return call("functools.reduce", Name(function), Brackets("()", tuple(terms)))


def _stacked(operands: Sequence[Expr], lists: Collection[int]) -> Expr:
    """The sum of blobs that are kept in lists."""
    return method(call("torch.stack", together(operands, lists)), "sum", Literal(0))


def _added(factors: Sequence[float]) -> Augment | None:
    """`out += shortcut`: the sum of two, the first of which is as it is."""
    first, *others = factors
    if first != 1 or len(others) != 1:
        return None
    factor = others[0]
    sign = "-" if factor < 0 else "+"
    return Augment(sign, lambda operands: weighted_sum(operands, [abs(factor)]))


def weighted_sum(operands: Sequence[Expr], factors: Sequence[float]) -> Expr:
    """`a - b + 0.5 * c`: signs between the operands, factors of one left out."""
    terms = [
        operand if abs(factor) == 1 else Operation((Literal(abs(factor), "coeff"), operand), ("*",))
        for operand, factor in zip(operands, factors, strict=True)
    ]
    if factors[0] < 0:
        terms[0] = Name(f"-{flat(terms[0])}")
    return Operation(tuple(terms), tuple("-" if factor < 0 else "+" for factor in factors[1:]))
