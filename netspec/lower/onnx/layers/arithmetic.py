"""Eltwise."""

from netspec.layers.arithmetic import Eltwise
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers

_OPERATORS = {"SUM": "Add", "SUB": "Sub", "PROD": "Mul", "DIV": "Div"}
_AT_ONCE = {"MAX": "Max", "MIN": "Min"}


@lowers(Eltwise)
def eltwise(layer: Eltwise, to: Emitter) -> None:
    """Two operands at a time, from the left; Max and Min take any number at once.

    (So does Sum, but its order of addition is the runtime's.)
    """
    operands = _scaled(layer, to)
    if layer.operation in _AT_ONCE:
        to.top(_AT_ONCE[layer.operation], operands)
        return
    operator = _OPERATORS[layer.operation]
    type = to.node.tops[0].type
    result = operands[0]
    for number, operand in enumerate(operands[1:-1], start=1):
        result = to.step(f"{operator.lower()}{number}", operator, [result, operand], type)
    to.top(operator, [result, operands[-1]])


def _scaled(layer: Eltwise, to: Emitter) -> list[str]:
    """The bottoms, each multiplied by its coefficient where that isn't 1."""
    operands = list(to.bottoms)
    for number, coefficient in enumerate(layer.coeff):
        if coefficient != 1:
            factor = to.float_constant(f"coeff{number}", coefficient)
            inputs = [operands[number], factor]
            type = to.node.bottoms[number].type
            operands[number] = to.step(f"scaled{number}", "Mul", inputs, type)
    return operands
