"""The functions that expressions may call."""

import math
from collections.abc import Callable
from typing import Any

from netspec.expressions.syntax import Call
from netspec.expressions.tokens import ExpressionError
from netspec.expressions.values import (
    EvaluatedValue,
    is_number,
    is_symbolic,
    kind,
    symbolic_error,
    type_error,
)


def _one(expression: Call, arguments: list[EvaluatedValue]) -> EvaluatedValue:
    if len(arguments) != 1:
        message = f"`{expression.function}` takes one value, not {len(arguments)}"
        raise type_error(expression, message)
    return arguments[0]


def _one_number(expression: Call, arguments: list[EvaluatedValue]) -> int | float:
    value = _one(expression, arguments)
    if not is_number(value):
        raise type_error(expression, f"`{expression.function}` takes a number, not {kind(value)}")
    number: int | float = value
    return number


def _numbers(expression: Call, arguments: list[EvaluatedValue]) -> list[Any]:
    """The numbers of a list, or the arguments themselves."""
    only_list = len(arguments) == 1 and isinstance(arguments[0], list)
    numbers = arguments[0] if only_list else arguments
    for value in numbers:
        if is_symbolic(value):
            raise symbolic_error(expression, value)
        if not is_number(value):
            message = f"`{expression.function}` takes numbers, not {kind(value)}"
            raise type_error(expression, message)
    if not numbers and expression.function != "sum":
        message = f"`{expression.function}` of nothing"
        raise ExpressionError("expression-value", message, expression.start, expression.end)
    return list(numbers)


def _len(expression: Call, arguments: list[EvaluatedValue]) -> int:
    value = _one(expression, arguments)
    if not isinstance(value, str | list):
        raise type_error(expression, f"`len` takes a list or a string, not {kind(value)}")
    return len(value)


def _round(expression: Call, arguments: list[EvaluatedValue]) -> int | float:
    if len(arguments) == 2 and is_number(arguments[0]) and type(arguments[1]) is int:
        number: int | float = round(arguments[0], max(-20, min(20, arguments[1])))
        return number
    return round(_one_number(expression, arguments))


def _log(expression: Call, arguments: list[EvaluatedValue]) -> float:
    number = _one_number(expression, arguments)
    if number <= 0:
        message = f"`log` takes a positive number, not {number}"
        raise ExpressionError("expression-value", message, expression.start, expression.end)
    return math.log(number)


CALLS: dict[str, Callable[[Call, list[EvaluatedValue]], EvaluatedValue]] = {
    "min": lambda call, arguments: min(_numbers(call, arguments)),
    "max": lambda call, arguments: max(_numbers(call, arguments)),
    "sum": lambda call, arguments: sum(_numbers(call, arguments)),
    "len": _len,
    "abs": lambda call, arguments: abs(_one_number(call, arguments)),
    "round": _round,
    "ceil": lambda call, arguments: math.ceil(_one_number(call, arguments)),
    "floor": lambda call, arguments: math.floor(_one_number(call, arguments)),
    "log": _log,
}
