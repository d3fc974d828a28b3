"""Elementary functions of each element, as expressions."""

from collections.abc import Sequence
from math import log

from netspec.graph import Node
from netspec.layers.functions import NATURAL, AbsVal, Clip, Exp, Log, Power, Threshold
from netspec.lower.torch.code import Expr, Literal, Operation, call, method
from netspec.lower.torch.registry import Lowered, lowers

POWERS = {2.0: "square", 0.5: "sqrt", -1.0: "reciprocal", -0.5: "rsqrt"}
LOGARITHMS = {NATURAL: "log", 2.0: "log2", 10.0: "log10"}


@lowers(AbsVal)
def absolute(layer: AbsVal, node: Node) -> Lowered:
    return Lowered(function=lambda operands: method(operands[0], "abs"))


@lowers(Power)
def power(layer: Power, node: Node) -> Lowered:
    if (layer.power, layer.scale, layer.shift) == (1, 1, 0):
        return Lowered(call("nn.Identity"))

    def raised(operands: Sequence[Expr]) -> Expr:
        line = linear(operands[0], layer.scale, layer.shift)
        if layer.power == 1:
            return line
        if layer.power in POWERS:
            return method(line, POWERS[layer.power])
        return method(line, "pow", Literal(layer.power, "power"))

    return Lowered(function=raised)


@lowers(Exp)
def exponential(layer: Exp, node: Node) -> Lowered:
    def raised(operands: Sequence[Expr]) -> Expr:
        line = linear(operands[0], layer.scale, layer.shift)
        if layer.base == NATURAL:
            return method(line, "exp")
        return call("torch.pow", Literal(layer.base, "base"), line)

    return Lowered(function=raised)


@lowers(Log)
def logarithm(layer: Log, node: Node) -> Lowered:
    def taken(operands: Sequence[Expr]) -> Expr:
        line = linear(operands[0], layer.scale, layer.shift)
        if layer.base in LOGARITHMS:
            return method(line, LOGARITHMS[layer.base])
        return Operation((method(line, "log"), Literal(log(layer.base), "log_base")), ("/",))

    return Lowered(function=taken)


@lowers(Threshold)
def threshold(layer: Threshold, node: Node) -> Lowered:
    limit = Literal(layer.threshold, "threshold", 0.0)
    return Lowered(function=lambda operands: call("exceeds", operands[0], limit), helper="exceeds")


@lowers(Clip)
def clip(layer: Clip, node: Node) -> Lowered:
    ends = {"min": layer.min, "max": layer.max}
    given = {name: Literal(end, name) for name, end in ends.items() if end is not None}
    if len(given) == len(ends):
        return Lowered(function=lambda operands: method(operands[0], "clamp", *given.values()))
    return Lowered(function=lambda operands: method(operands[0], "clamp", **given))


def linear(x: Expr, scale: float, shift: float) -> Expr:
    """`scale * x + shift` as a person writes it."""
    if (scale, shift) == (1, 0):
        return x
    if scale == -1:
        return Operation((Literal(shift, "shift"), x), ("-",)) if shift else method(x, "neg")
    operands, operators = ([x], []) if scale == 1 else ([Literal(scale, "scale"), x], ["*"])
    if shift:
        operands.append(Literal(-shift if shift < 0 else shift, "shift"))
        operators.append("-" if shift < 0 else "+")
    return Operation(tuple(operands), tuple(operators))
