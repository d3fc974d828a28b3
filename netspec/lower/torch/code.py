"""A tiny tree of Python expressions and statements: what emitted code is made of.

It holds just what the lowering writes. `layout` turns it into lines; nothing here knows layers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias, Union

from netspec.lower.torch.terms.numbers import is_plain, term_of
from netspec.lower.torch.terms.text import python

Value: TypeAlias = int | float | bool | str | tuple[int, ...]
Expr: TypeAlias = Union[
    "Name",
    "Literal",
    "Call",
    "Attribute",
    "Subscript",
    "Brackets",
    "Operation",
    "Repeated",
    "Pieces",
    "Comprehension",
]
Statement: TypeAlias = "Assign | Do | Return | Block"


class Missing(Enum):
    """Stands for the default that an argument doesn't have."""

    MISSING = "missing"


MISSING = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Name:
    """Text that needs no further care: a variable, a dotted name, a subscript."""

    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant in a constructor. `field` is what the constructor calls it; what has no name,
    as the sizes of a reshape, is computed in `forward` where the class is given what it reads.

    Where it equals `default` the argument isn't written. Literals are the places in which the
    instances of one class may differ (see `sharing`).
    """

    value: Value
    field: str = ""
    default: Value | Missing = MISSING

    @property
    def omitted(self) -> bool:
        if is_plain(self.value) and is_plain(self.default):
            return self.value == self.default
        return self.default is not MISSING and python(term_of(self.value)) == python(
            term_of(self.default)
        )


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call, or a parameter of a method, which has its type between the two."""

    value: Expr
    keyword: str = ""
    type: str = ""

    @property
    def prefix(self) -> str:
        """What stands before the value."""
        if self.type:
            return f"{self.keyword}: {self.type} = "
        return f"{self.keyword}=" if self.keyword else ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call; `expand` puts each argument on a line of its own even where one line would do."""

    callee: "Name | Attribute"
    arguments: tuple[Argument, ...] = ()
    expand: bool = False

    @property
    def written(self) -> tuple[Argument, ...]:
        """The arguments that differ from their defaults."""
        return tuple(
            argument
            for argument in self.arguments
            if not (isinstance(argument.value, Literal) and argument.value.omitted)
        )


@dataclass(frozen=True, slots=True)
class Attribute:
    value: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Subscript:
    """`value[item, item]`; the items are indices and slices as text, and lists of indices."""

    value: Expr
    items: "tuple[str | Brackets, ...]"


@dataclass(frozen=True, slots=True)
class Brackets:
    """A list, tuple or dict display; `keys` are a dict's."""

    brackets: str
    items: tuple[Expr, ...]
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """Operands with operators between them: `a + b - c`."""

    operands: tuple[Expr, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """`*(value for _ in range(count))`."""

    value: Expr
    count: Expr


@dataclass(frozen=True, slots=True)
class Pieces:
    """An expression as text, with others as operands in it."""

    parts: "tuple[str | Expr, ...]"


@dataclass(frozen=True, slots=True)
class Comprehension:
    """`[value for variable in through]`."""

    value: Expr
    variable: str
    through: Expr


@dataclass(frozen=True, slots=True)
class Assign:
    """`targets = value`, or with an operator `target += value`."""

    targets: tuple[str, ...]
    value: Expr
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Do:
    """An expression evaluated for its effect."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Return:
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """`if`, `elif` or `for`: a head, whose expression is laid out too, and a body."""

    keyword: str
    head: Expr
    body: tuple[Statement, ...]


def call(callee: str, *arguments: Expr, **keywords: Expr) -> Call:
    """A call of a dotted name."""
    named = tuple(Argument(value, keyword) for keyword, value in keywords.items())
    return Call(Name(callee), tuple(map(Argument, arguments)) + named)


def method(value: Expr, name: str, *arguments: Expr, **keywords: Expr) -> Call:
    """A call of a method."""
    return replace(call(name, *arguments, **keywords), callee=Attribute(value, name))


def conjunction(conditions: tuple[str, ...]) -> Operation:
    """All of them: `one and other`."""
    return Operation(tuple(map(Name, conditions)), ("and",) * (len(conditions) - 1))


def display(value: Value) -> Expr:
    """A value that may take several lines if it's long."""
    if isinstance(value, tuple):
        return Brackets("()", tuple(map(display, value)))
    return Literal(value)


def scalar(value: Value) -> Value:
    """One number where all of a tuple are the same, as PyTorch takes it.

    Sizes that happen to be equal aren't: `(time, 3, 3)` stays so where `time` is 3.
    """
    if isinstance(value, tuple) and len({*map(term_of, value)}) == 1:
        return value[0]
    return value


def literals(expr: Expr) -> Iterator[Literal]:
    """The literals of an expression, in the order in which they are written."""
    match expr:
        case Literal():
            yield expr
        case Call(callee, arguments):
            yield from literals(callee)
            for argument in arguments:
                yield from literals(argument.value)
        case Attribute(value) | Subscript(value):
            yield from literals(value)
        case Repeated(value, count) | Comprehension(value, _, count):
            yield from literals(value)
            yield from literals(count)
        case Pieces(parts):
            for part in parts:
                yield from () if isinstance(part, str) else literals(part)
        case Brackets(_, items) | Operation(items):
            for item in items:
                yield from literals(item)


def with_literals(expr: Expr, replacements: Iterator[Expr]) -> Expr:
    """The expression with its literals replaced, in the order of `literals`."""
    match expr:
        case Literal():
            return next(replacements)
        case Call(callee, arguments):
            target = with_literals(callee, replacements)
            assert isinstance(target, Name | Attribute)
            values = [with_literals(argument.value, replacements) for argument in arguments]
            changed = tuple(
                replace(argument, value=value)
                for argument, value in zip(arguments, values, strict=True)
            )
            return replace(expr, callee=target, arguments=changed)
        case Attribute(value) | Subscript(value):
            return replace(expr, value=with_literals(value, replacements))
        case Repeated(value, count):
            value = with_literals(value, replacements)
            return Repeated(value, with_literals(count, replacements))
        case Comprehension(value, variable, through):
            value = with_literals(value, replacements)
            return Comprehension(value, variable, with_literals(through, replacements))
        case Pieces(parts):
            made = (
                part if isinstance(part, str) else with_literals(part, replacements)
                for part in parts
            )
            return Pieces(tuple(made))
        case Brackets(_, items):
            return replace(expr, items=tuple(with_literals(item, replacements) for item in items))
        case Operation(items):
            changed_items = tuple(with_literals(item, replacements) for item in items)
            return replace(expr, operands=changed_items)
        case Name():
            return expr
