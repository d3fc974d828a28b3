"""Layers that compute with several blobs."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial, reduce

from netspec.graph import Node
from netspec.layers.arithmetic import Eltwise
from netspec.lower.torch.code import (
    Argument,
    Brackets,
    Expr,
    Literal,
    Name,
    Operation,
    call,
    method,
)
from netspec.lower.torch.layers.shape import together
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.registry import Augment, Lowered, lowers
from netspec.lower.torch.terms.numbers import is_plain

MANY = 64
"""Operands from which on an expression would be nested deeper than Python reads, or nearly."""


@lowers(Eltwise)
def eltwise(layer: Eltwise, node: Node) -> Lowered:
    factors, dtype = _factors(layer, len(node.bottoms)), node.bottoms[0].type.dtype

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
        return Lowered(function=partial(_reduced, layer, dtype))
    if layer.operation in ("SUM", "SUB"):
        plain = Lowered(function=total)
        if all(map(_is_one, factors)) and "int" not in dtype:
            plain = replace(plain, gathered=_sum_of_lists)
        return replace(plain, in_place=replace(plain, augments=_added(factors)))
    return Lowered(function={"PROD": product, "DIV": quotient}.get(layer.operation, extreme))


_FUNCTIONS = {"MAX": "torch.maximum", "MIN": "torch.minimum"}
_REDUCTIONS = {
    "SUM": "torch.sum",
    "SUB": "torch.sum",
    "PROD": "torch.prod",
    "DIV": "torch.prod",
    "MAX": "torch.amax",
    "MIN": "torch.amin",
}
"""What makes one blob of many; all but the first are taken together to be subtracted."""


def _factors(layer: Eltwise, count: int) -> list[float]:
    """What each operand of a sum is multiplied by."""
    if layer.operation == "SUB":
        return [1.0] + [-1.0] * (count - 1)
    return layer.coeff or [1.0] * count


def _reduced(layer: Eltwise, dtype: str, operands: Sequence[Expr]) -> Expr:
    """The same of more operands than Python can read in one expression."""
    factors = layer.coeff or [1.0] * len(operands)
    terms = [weighted_sum([each], [factor]) for each, factor in zip(operands, factors, strict=True)]
    if layer.operation in ("SUB", "DIV"):
        function = "torch.sub" if layer.operation == "SUB" else "torch.div"
        return call(function, terms[0], _together(layer, dtype, terms[1:]))
    return _together(layer, dtype, terms)


def _together(layer: Eltwise, dtype: str, operands: Sequence[Expr]) -> Expr:
    """What makes one of many operands."""
    stacked = call("torch.stack", Brackets("[]", tuple(operands)))
    made = call(_REDUCTIONS[layer.operation], stacked, Literal(0))
    # Sums and products of integers are int64 unless said.
    is_small = dtype.startswith(("int", "uint", "bool")) and dtype != "int64"
    said = is_small and layer.operation not in _FUNCTIONS
    keyword = Argument(Name(f"torch.{dtype}"), "dtype")
    return replace(made, arguments=(*made.arguments, keyword)) if said else made


def _sum_of_lists(operands: Sequence[Expr], lists: Collection[int]) -> Expr:
    return method(call("torch.stack", together(operands, lists)), "sum", Literal(0))


def _added(factors: Sequence[float]) -> Augment | None:
    """`out += shortcut`: the sum of two, the first of which is as it is."""
    first, *others = factors
    if not _is_one(first) or len(others) != 1:
        return None
    factor = others[0]
    sign = "-" if factor < 0 else "+"
    return Augment(sign, lambda operands: weighted_sum(operands, [_unsigned(factor)]))


def weighted_sum(operands: Sequence[Expr], factors: Sequence[float]) -> Expr:
    """`a - b + 0.5 * c`: signs between the operands, factors of one left out."""
    terms = [
        operand if _is_one(factor) else Operation((Literal(factor, "coeff"), operand), ("*",))
        for operand, factor in zip(operands, map(_unsigned, factors), strict=True)
    ]
    if factors[0] < 0:
        terms[0] = Name(f"-{flat(terms[0])}")
    return Operation(tuple(terms), tuple("-" if factor < 0 else "+" for factor in factors[1:]))


def _is_one(factor: float) -> bool:
    """Whether the spec says 1, or nothing. What an arg gives is written, even if it is 1."""
    return is_plain(factor) and factor == 1


def _unsigned(factor: float) -> float:
    """Without its sign; an arg that is positive is the arg, and no `abs` of it."""
    return -factor if factor < 0 else factor
