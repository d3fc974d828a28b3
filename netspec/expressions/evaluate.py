"""The values of expressions.

Integers, floats, booleans, strings and lists are Python's, within bounds. Everything else (a blob,
a symbolic size) is an object of the caller's: it can be passed on, compared with itself and asked
for properties if it has any, and nothing else.
"""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from netspec.diagnostics.suggest import nearest
from netspec.expressions.functions import CALLS
from netspec.expressions.syntax import (
    MAX_INTEGER,
    Attribute,
    Binary,
    Call,
    Comparison,
    Conditional,
    Expression,
    Index,
    List,
    Literal,
    Name,
    Slice,
    Unary,
)
from netspec.expressions.tokens import ExpressionError
from netspec.expressions.values import (
    MAPPING_HELP,
    MAX_FORMULA,
    MAX_LENGTH,
    Environment,
    EvaluatedValue,
    HasProperties,
    check_computable,
    is_number,
    is_symbolic,
    kind,
    size_of,
    symbolic_error,
    type_error,
)

MAX_NAMES = 8
"""So many of a mapping's names a message lists."""
PER_SIZE = 100
"""Steps of work that it takes to compute with a symbolic size."""


def evaluate(expression: Expression, environment: Environment) -> EvaluatedValue:
    """The value of an expression; ExpressionError where it has none."""
    environment.spend(1)
    try:
        return _evaluate(expression, environment)
    except ExpressionError as error:
        if error.end == 0:
            error.start, error.end = expression.start, expression.end
        raise


def _evaluate(expression: Expression, environment: Environment) -> EvaluatedValue:
    return _VALUES[type(expression)](expression, environment)


def _literal(expression: Literal, environment: Environment) -> EvaluatedValue:
    return expression.value


def _name(expression: Name, environment: Environment) -> EvaluatedValue:
    return _located(expression, environment.value)


def _list(expression: List, environment: Environment) -> EvaluatedValue:
    environment.spend(len(expression.items))
    values = [_evaluate(item, environment) for item in expression.items]
    return _bounded(expression, values, environment)


def _conditional(expression: Conditional, environment: Environment) -> EvaluatedValue:
    is_true = _boolean(expression.condition, environment, "if")
    return _evaluate(expression.if_true if is_true else expression.if_false, environment)


def _attribute(expression: Attribute, environment: Environment) -> EvaluatedValue:
    owner = _evaluate(expression.value, environment)
    if isinstance(owner, dict):
        return _item(expression, owner, expression.name)
    if not isinstance(owner, HasProperties):
        raise type_error(expression, f"{kind(owner)} has no properties")
    return _located(expression, owner.property)


def _located(expression: Name | Attribute, get: Callable[[str], EvaluatedValue]) -> EvaluatedValue:
    try:
        return get(expression.name)
    except ExpressionError as error:
        if error.end == 0:
            error.start, error.end = expression.start, expression.end
        raise


def _bounded(
    expression: Expression, value: EvaluatedValue, environment: Environment
) -> EvaluatedValue:
    """The value if it is within the bounds of the language."""
    message = None
    environment.spend(1)
    if type(value) is int:
        if -MAX_INTEGER <= value <= MAX_INTEGER:
            return value
        message = "an integer of over 64 bits"
    elif isinstance(value, float) and not math.isfinite(value):
        message = "a float out of range"
    elif isinstance(value, str | list):
        size = size_of(value, MAX_LENGTH)
        environment.spend(size)
        if size > MAX_LENGTH:
            message = f"{kind(value)} of over {MAX_LENGTH:,} elements"
    elif is_symbolic(value):
        environment.spend(PER_SIZE)
        if len(str(value)) > MAX_FORMULA:
            message = f"a size whose formula is over {MAX_FORMULA} characters long"
    if message is not None:
        raise ExpressionError("too-large", message, expression.start, expression.end)
    return value


def _boolean(expression: Expression, environment: Environment, word: str) -> bool:
    value = _evaluate(expression, environment)
    if not isinstance(value, bool):
        message = f"`{word}` takes a boolean, but this is {kind(value)}"
        raise type_error(expression, message, "compare it: `x != 0`, `len(x) > 0`")
    return value


def _unary(expression: Unary, environment: Environment) -> EvaluatedValue:
    if expression.operator == "not":
        return not _boolean(expression.operand, environment, "not")
    value = _evaluate(expression.operand, environment)
    if is_symbolic(value):
        return _bounded(expression, -value, environment) if expression.operator == "-" else value
    check_computable(expression, value)
    if not is_number(value):
        raise type_error(expression, f"`{expression.operator}` takes a number, not {kind(value)}")
    return -value if expression.operator == "-" else value


def _logical(expression: Binary, environment: Environment) -> bool:
    left = _boolean(expression.left, environment, expression.operator)
    if left is (expression.operator == "or"):
        return left
    return _boolean(expression.right, environment, expression.operator)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}


def _binary(expression: Binary, environment: Environment) -> EvaluatedValue:
    symbol = expression.operator
    if symbol in ("and", "or"):
        return _logical(expression, environment)
    left, right = _evaluate(expression.left, environment), _evaluate(expression.right, environment)
    if type(left) is int and type(right) is int:  # as nearly all are: a formula has thousands
        return _compute(expression, left, right, environment)
    if is_symbolic(left) or is_symbolic(right):
        return _of_sizes(expression, left, right, environment)
    for value in (left, right):
        check_computable(expression, value)
    if is_number(left) and is_number(right):
        return _compute(expression, left, right, environment)
    if symbol == "+" and any(isinstance(left, k) and isinstance(right, k) for k in (str, list)):
        return _bounded(expression, left + right, environment)
    if symbol == "*" and isinstance(left, str | list) and type(right) is int:
        # A longer one is only made as long as it takes to refuse it.
        times = min(right, MAX_LENGTH // max(1, len(left)) + 1)
        return _bounded(expression, left * times, environment)
    message = f"`{symbol}` takes two numbers, not {kind(left)} and {kind(right)}"
    turned = symbol == "*" and type(left) is int and isinstance(right, str | list)
    help = f"{kind(right)} that is to be repeated stands first: `x * {left}`" if turned else None
    raise type_error(expression, message, help)


def _of_sizes(
    expression: Binary, left: EvaluatedValue, right: EvaluatedValue, environment: Environment
) -> EvaluatedValue:
    """Sizes are added to each other and to integers, and multiplied and divided by integers."""
    symbol = expression.operator
    both = is_symbolic(left) and is_symbolic(right)
    if not both and int not in (type(left), type(right)):
        other = right if is_symbolic(left) else left
        size = left if is_symbolic(left) else right
        message = f"`{symbol}` takes a size and an integer, not {kind(size)} and {kind(other)}"
        raise type_error(expression, message)
    if symbol in ("+", "-") or (symbol == "*" and not both):
        return _bounded(expression, _ARITHMETIC[symbol](left, right), environment)
    if symbol == "//" and type(right) is int:
        if right < 1:
            message = f"a size is divided by a positive integer, not by {right}"
            raise ExpressionError("expression-value", message, expression.start, expression.end)
        return _bounded(expression, left // right, environment)
    raise symbolic_error(expression, left if is_symbolic(left) else right)


def _compute(
    expression: Binary, left: int | float, right: int | float, environment: Environment
) -> EvaluatedValue:
    if expression.operator == "**" and abs(right) > 64:
        message = "an exponent of over 64"
        raise ExpressionError("too-large", message, expression.start, expression.end)
    try:
        value = _ARITHMETIC[expression.operator](left, right)
    except ZeroDivisionError:
        message = "division by zero"
        raise ExpressionError(
            "expression-value", message, expression.start, expression.end
        ) from None
    except OverflowError:
        message = "a float out of range"
        raise ExpressionError("too-large", message, expression.start, expression.end) from None
    if isinstance(value, complex):
        message = "a root of a negative number"
        raise ExpressionError("expression-value", message, expression.start, expression.end)
    return _bounded(expression, value, environment)


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OF_INTEGERS: dict[str, Callable[[Any, Any], bool]] = {
    **_ORDER,
    "==": operator.eq,
    "!=": operator.ne,
}


def _comparison(expression: Comparison, environment: Environment) -> bool:
    left = _evaluate(expression.operands[0], environment)
    for symbol, operand in zip(expression.operators, expression.operands[1:], strict=True):
        right = _evaluate(operand, environment)
        environment.spend(1)
        if isinstance(left, list) or isinstance(right, list):
            environment.spend(4 * (size_of(left, MAX_LENGTH) + size_of(right, MAX_LENGTH)))
        if not _compare(expression, symbol, left, right):
            return False
        left = right
    return True


def _compare(
    expression: Comparison, symbol: str, left: EvaluatedValue, right: EvaluatedValue
) -> bool:
    if type(left) is int and type(right) is int and symbol in _OF_INTEGERS:
        return _OF_INTEGERS[symbol](left, right)
    if symbol in ("in", "not in"):
        if isinstance(right, list):
            found = any(_equal(expression, left, item) for item in right)
        elif isinstance(right, str) and isinstance(left, str):
            found = left in right
        else:
            raise type_error(expression, f"`{symbol}` takes a list, not {kind(right)}")
        return found is (symbol == "in")
    if symbol in ("==", "!="):
        return _equal(expression, left, right) is (symbol == "==")
    for value in (left, right):
        check_computable(expression, value)
    comparable = (is_number(left) and is_number(right)) or (
        isinstance(left, str) and isinstance(right, str)
    )
    if not comparable:
        message = f"`{symbol}` can't compare {kind(left)} with {kind(right)}"
        raise type_error(expression, message)
    return _ORDER[symbol](left, right)


def _equal(expression: Expression, left: EvaluatedValue, right: EvaluatedValue) -> bool:
    for value, other in ((left, right), (right, left)):
        if isinstance(value, HasProperties):
            raise type_error(expression, "a blob can't be compared; its sizes can: `x.channels`")
        if isinstance(value, dict):
            raise type_error(expression, "a mapping can't be compared", MAPPING_HELP)
        if is_symbolic(value) and value != other:
            # Whether H equals 224 isn't known.
            raise symbolic_error(expression, value)
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(
            _equal(expression, a, b) for a, b in zip(left, right, strict=True)
        )
    return bool(left == right)


def _item(expression: Attribute, owner: Mapping[str, EvaluatedValue], name: str) -> EvaluatedValue:
    """A value that a mapping has under a name."""
    if name in owner:
        return owner[name]
    near = nearest(name, owner)
    has = f"it has {', '.join(f'`{each}`' for each in list(owner)[:MAX_NAMES])}" if owner else None
    raise ExpressionError(
        "unknown-name",
        f"this mapping has no `{name}`",
        expression.start,
        expression.end,
        help=f"did you mean `{near}`?" if near else has,
    )


def _index(expression: Index, environment: Environment) -> EvaluatedValue:
    value, index = (
        _evaluate(expression.value, environment),
        _evaluate(expression.index, environment),
    )
    if not isinstance(value, str | list):
        raise type_error(expression, f"{kind(value)} can't be indexed")
    if type(index) is not int:
        raise type_error(expression, f"an index is an integer, not {kind(index)}")
    if not -len(value) <= index < len(value):
        message = f"index {index} is out of range: {kind(value)} of {len(value)}, counted from 0"
        raise ExpressionError("expression-value", message, expression.start, expression.end)
    return value[index]


def _slice(expression: Slice, environment: Environment) -> EvaluatedValue:
    value = _evaluate(expression.value, environment)
    if not isinstance(value, str | list):
        raise type_error(expression, f"{kind(value)} can't be sliced")
    bounds = []
    for bound in (expression.lower, expression.upper):
        index = None if bound is None else _evaluate(bound, environment)
        if index is not None and type(index) is not int:
            raise type_error(expression, f"an index is an integer, not {kind(index)}")
        bounds.append(index)
    environment.spend(len(value))
    return value[slice(*bounds)]


def _call(expression: Call, environment: Environment) -> EvaluatedValue:
    arguments = [_evaluate(argument, environment) for argument in expression.arguments]
    for argument in arguments:
        check_computable(expression, argument)
    environment.spend(sum(size_of(each, MAX_LENGTH) for each in arguments))
    try:
        return _bounded(expression, CALLS[expression.function](expression, arguments), environment)
    except (OverflowError, ValueError):
        # Infinity and not-a-number have no integer; YAML can write both.
        message = "a float out of range"
        raise ExpressionError("too-large", message, expression.start, expression.end) from None


_VALUES: dict[type, Callable[[Any, Environment], EvaluatedValue]] = {
    Literal: _literal,
    Name: _name,
    List: _list,
    Unary: _unary,
    Binary: _binary,
    Comparison: _comparison,
    Conditional: _conditional,
    Attribute: _attribute,
    Index: _index,
    Slice: _slice,
    Call: _call,
}
"""By type: expressions are evaluated too often for a `match` of eleven cases."""
