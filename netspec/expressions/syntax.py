"""The syntax of `$(…)`: what an expression is made of.

The grammar is a part of Python's: literals, lists, names, attributes of blobs, indexing and
slices, arithmetic, comparisons, `in`, `and or not`, `a if c else b` and calls of a few functions.
Nothing else exists, and no text is ever handed to the host language.
"""

from collections.abc import Callable, Iterable
from dataclasses import field, replace
from typing import Any, TypeAlias

from netspec.quick import frozen

MAX_INTEGER = 2**63 - 1


@frozen
class Literal:
    start: int = field(compare=False)
    end: int = field(compare=False)
    value: int | float | bool | str


@frozen
class Name:
    start: int = field(compare=False)
    end: int = field(compare=False)
    name: str


@frozen
class List:
    start: int = field(compare=False)
    end: int = field(compare=False)
    items: "tuple[Expression, ...]"


@frozen
class Unary:
    start: int = field(compare=False)
    end: int = field(compare=False)
    operator: str
    operand: "Expression"


@frozen
class Binary:
    start: int = field(compare=False)
    end: int = field(compare=False)
    operator: str
    left: "Expression"
    right: "Expression"


@frozen
class Comparison:
    """`a < b <= c`: operands and the operators between them, as in Python."""

    start: int = field(compare=False)
    end: int = field(compare=False)
    operators: tuple[str, ...]
    operands: "tuple[Expression, ...]"


@frozen
class Conditional:
    start: int = field(compare=False)
    end: int = field(compare=False)
    condition: "Expression"
    if_true: "Expression"
    if_false: "Expression"


@frozen
class Attribute:
    start: int = field(compare=False)
    end: int = field(compare=False)
    value: "Expression"
    name: str


@frozen
class Index:
    start: int = field(compare=False)
    end: int = field(compare=False)
    value: "Expression"
    index: "Expression"


@frozen
class Slice:
    start: int = field(compare=False)
    end: int = field(compare=False)
    value: "Expression"
    lower: "Expression | None"
    upper: "Expression | None"


@frozen
class Call:
    start: int = field(compare=False)
    end: int = field(compare=False)
    function: str
    arguments: "tuple[Expression, ...]"


Expression: TypeAlias = (
    Literal
    | Name
    | List
    | Unary
    | Binary
    | Comparison
    | Conditional
    | Attribute
    | Index
    | Slice
    | Call
)

FUNCTIONS = ("min", "max", "sum", "len", "abs", "round", "ceil", "floor", "log")


def children(expression: Expression) -> "tuple[Expression, ...]":
    """The expressions that an expression is made of."""
    return _CHILDREN[type(expression)](expression)


def _sliced(expression: Slice) -> "tuple[Expression, ...]":
    bounds = (expression.lower, expression.upper)
    return (expression.value, *(bound for bound in bounds if bound is not None))


_CHILDREN: dict[type, Callable[[Any], tuple[Expression, ...]]] = {
    Literal: lambda each: (),
    Name: lambda each: (),
    List: lambda each: each.items,
    Unary: lambda each: (each.operand,),
    Binary: lambda each: (each.left, each.right),
    Comparison: lambda each: each.operands,
    Conditional: lambda each: (each.condition, each.if_true, each.if_false),
    Attribute: lambda each: (each.value,),
    Index: lambda each: (each.value, each.index),
    Slice: _sliced,
    Call: lambda each: each.arguments,
}
"""By type: terms are gone through too often for a `match` of eleven cases."""


def with_children(expression: Expression, parts: Iterable[Expression]) -> Expression:
    """The expression made of other parts, in the order of `children`."""
    given = tuple(parts)
    match expression:
        case List():
            return replace(expression, items=given)
        case Call():
            return replace(expression, arguments=given)
        case Comparison():
            return replace(expression, operands=given)
        case Unary():
            return replace(expression, operand=given[0])
        case Binary():
            return replace(expression, left=given[0], right=given[1])
        case Conditional():
            condition, if_true, if_false = given
            return replace(expression, condition=condition, if_true=if_true, if_false=if_false)
        case Index():
            return replace(expression, value=given[0], index=given[1])
        case Slice(lower=lower, upper=upper):
            bounds = iter(given[1:])
            return replace(
                expression,
                value=given[0],
                lower=None if lower is None else next(bounds),
                upper=None if upper is None else next(bounds),
            )
    return expression


def reads(expression: Expression) -> bool:
    """Whether an expression reads any name."""
    return isinstance(expression, Name) or any(map(reads, children(expression)))


def names(expression: Expression) -> set[str]:
    """The names that an expression reads: the first part of each path."""
    if isinstance(expression, Name):
        return {expression.name}
    return set().union(*(names(part) for part in children(expression)))
