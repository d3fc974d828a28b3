"""What values expressions have, and how they are told apart."""

from typing import Any, Protocol, TypeAlias

from netspec.expressions.syntax import Expression
from netspec.expressions.tokens import ExpressionError

MAX_LENGTH = 10_000
"""How many characters or elements a string or a list may have, lists within included."""

MAPPING_HELP = (
    "`$(row.k)` reads one of its values; as a whole it is a row of a `repeat`, or a field that "
    "takes a mapping"
)
MAX_FORMULA = 200
"""How many characters the formula of a symbolic size may have."""

EvaluatedValue: TypeAlias = Any
"""int, float, bool, str, a list of values, a mapping from names to values, or an object of the
caller's. A mapping can be passed on, and asked for one of its values.
"""


class Environment(Protocol):
    """What an expression stands in."""

    def value(self, name: str) -> EvaluatedValue:
        """A name's value; ExpressionError with code `unknown-name` where it has none."""

    def spend(self, steps: int) -> None:
        """Count steps of work, each a fraction of a microsecond, against what is allowed."""


class HasProperties:
    """A value with properties that expressions may ask for. Values are told apart too often for an
    abstract class.
    """

    def property(self, name: str) -> EvaluatedValue:
        """The property's value; ExpressionError where there is none."""
        raise NotImplementedError


_KINDS = {
    bool: "a boolean",
    int: "an integer",
    float: "a float",
    str: "a string",
    list: "a list",
    dict: "a mapping",
}


def kind(value: EvaluatedValue) -> str:
    """What a value is, in words, with its article."""
    described = next((words for type, words in _KINDS.items() if isinstance(value, type)), None)
    if described is not None:
        return described
    return "a blob" if isinstance(value, HasProperties) else f"the symbolic size {value}"


def type_error(expression: Expression, message: str, help: str | None = None) -> ExpressionError:
    return ExpressionError("expression-type", message, expression.start, expression.end, help)


def check_computable(expression: Expression, value: EvaluatedValue) -> None:
    """Refuse what no operation takes: symbolic sizes and mappings."""
    if is_symbolic(value):
        raise symbolic_error(expression, value)
    if isinstance(value, dict):
        raise type_error(expression, "a mapping can't be computed with", MAPPING_HELP)


def is_number(value: EvaluatedValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_symbolic(value: EvaluatedValue) -> bool:
    return not isinstance(value, bool | int | float | str | list | dict | HasProperties)


def symbolic_error(expression: Expression, value: EvaluatedValue) -> ExpressionError:
    return ExpressionError(
        "symbolic-size",
        f"the size {value} is symbolic; it may be passed on, compared with itself, and computed "
        "with by `+`, `-`, `*` and `//` with integers",
        expression.start,
        expression.end,
        help="give the input a fixed size",
    )


def size_of(value: EvaluatedValue, limit: int) -> int:
    """How many values a value holds, lists within lists included; something over `limit` if so."""
    if not isinstance(value, list):
        return len(value) if isinstance(value, str) else 1
    size = len(value)
    for item in value:
        if size > limit:
            break
        if isinstance(item, str | list):
            size += size_of(item, limit - size)
    return size
