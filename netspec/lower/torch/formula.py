"""Expressions of a spec as Python, and their values for the args or vars of an instance."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from netspec.expressions import ExpressionError
from netspec.expressions.evaluate import evaluate
from netspec.expressions.syntax import (
    Binary,
    Call,
    Expression,
    Index,
    Literal,
    Name,
)

NOTHING: Mapping[str, float] = MappingProxyType({})
PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "%": 2}
ATOM = 9
FUNCTIONS = frozenset({"min", "max", "sum", "len", "abs"})
"""Those that are Python's own."""


class NotPython(Exception):
    """An expression isn't simple enough to stand in emitted code."""


def python(expression: Expression, constants: Mapping[str, float] = NOTHING) -> str:
    """The expression as Python writes it, as `ruff format` leaves it; else NotPython.

    Names that are constants are written as their values.

    >>> from netspec.expressions.parser import parse
    >>> python(parse("4*planes")), python(parse("(depth-2)//6")), python(parse("depths[0]"))
    ('4 * planes', '(depth - 2) // 6', 'depths[0]')
    >>> python(parse("planes * width // 64"), {"width": 4})
    'planes * 4 // 64'
    """
    return _written(expression, constants)[0]


def _written(expression: Expression, constants: Mapping[str, float]) -> tuple[str, int]:
    """The text, and how tightly it binds."""
    match expression:
        case Literal(value=bool() | str()):
            raise NotPython
        case Literal(value=value):
            return repr(value), ATOM
        case Name(name=name) if name in constants:
            if constants[name] < 0:
                raise NotPython
            return repr(constants[name]), ATOM
        case Name(name=name):
            return name, ATOM
        case Index(value=Name(name=name), index=Literal(value=int() as index)):
            return f"{name}[{index}]", ATOM
        case Call(function=function, arguments=arguments) if function in FUNCTIONS:
            inside = (_written(each, constants)[0] for each in arguments)
            return f"{function}({', '.join(inside)})", ATOM
        case Binary(operator=operator, left=left, right=right) if operator in PRECEDENCE:
            binds = PRECEDENCE[operator]
            one, other = _written(left, constants), _written(right, constants)
            first = one[0] if one[1] >= binds else f"({one[0]})"
            second = other[0] if other[1] > binds else f"({other[0]})"
            return f"{first} {operator} {second}", binds
    raise NotPython


@dataclass(frozen=True, slots=True)
class _Values:
    values: Mapping[str, Any]

    def value(self, name: str) -> Any:
        if name not in self.values:
            raise ExpressionError("unknown-name", name)
        return self.values[name]

    def spend(self, steps: int) -> None:
        """Nothing is counted: the elaboration has evaluated all of these."""


def value(expression: Expression, values: Mapping[str, Any]) -> Any:
    """The expression's value; None where it has none."""
    try:
        return evaluate(expression, _Values(values))
    except ExpressionError:
        return None
