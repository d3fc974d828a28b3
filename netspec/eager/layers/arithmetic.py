"""Layers that compute with several blobs."""

from functools import reduce

from netspec.eager.pointwise import add_over, linear_in, maximum
from netspec.eager.reductions import extreme, stack, sum_of
from netspec.eager.registry import Use, runs
from netspec.eager.tensor import Tensor
from netspec.eager.views import reshape
from netspec.layers.affine import Bias, Scale
from netspec.layers.arithmetic import Eltwise

MANY = 64
"""Operands from which on they are stacked."""


@runs(Eltwise)
def eltwise(layer: Eltwise, use: Use) -> Tensor:
    operands = [*use.bottoms]
    if len(operands) > MANY:
        return _stacked(layer, operands)
    match layer.operation:
        case "SUM" | "SUB":
            return _sum(layer, operands, use.over)
        case "PROD":
            return reduce(lambda one, other: one * other, operands)
        case "DIV":
            return reduce(lambda one, other: one / other, operands)
        case _:
            return reduce(maximum, operands)


def _sum(layer: Eltwise, operands: list[Tensor], over: bool) -> Tensor:
    first, *others = _terms(layer, operands)
    if over and len(others) == 1 and first is operands[0]:
        return add_over(first, others[0])
    return reduce(lambda one, other: one + other, others, first)


def _terms(layer: Eltwise, operands: list[Tensor]) -> list[Tensor]:
    factors = layer.coeff or [1.0] * len(operands)
    terms = [
        each if abs(factor) == 1 else each * factor
        for each, factor in zip(operands, factors, strict=True)
    ]
    if factors[0] < 0:
        terms[0] = linear_in(terms[0])
    return terms


def _stacked(layer: Eltwise, operands: list[Tensor]) -> Tensor:
    def together(those: list[Tensor]) -> Tensor:
        whole = stack(those)
        if layer.operation in ("SUM", "SUB"):
            return sum_of(whole, [0])
        return extreme(whole, [0])

    if layer.operation == "SUB":
        return operands[0] + together(operands[1:])
    if layer.operation == "DIV":
        return operands[0] / together(operands[1:])
    return together(_terms(layer, operands))


@runs(Scale)
def scale(layer: Scale, use: Use) -> Tensor:
    if len(use.bottoms) == 1:
        found = use.x * _beneath(layer, use, use.held("weight"))
    else:
        found = use.x * _beneath(layer, use, use.bottoms[1])
    bias = use.weight("bias")
    return found if bias is None else found + _beneath(layer, use, bias)


@runs(Bias)
def bias(layer: Bias, use: Use) -> Tensor:
    blob = use.held("bias") if len(use.bottoms) == 1 else use.bottoms[1]
    return use.x + _beneath(layer, use, blob)


def _beneath(layer: Scale | Bias, use: Use, blob: Tensor) -> Tensor:
    """The blob with axes of size 1 behind its own, so that it lies below the first bottom's."""
    return reshape(blob, (*blob.shape, *[1] * layer.trailing(use.reads)))
