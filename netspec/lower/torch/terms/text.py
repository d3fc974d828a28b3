"""Terms as Python writes them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from netspec.expressions.syntax import (
    Binary,
    Call,
    Comparison,
    Conditional,
    Index,
    List,
    Literal,
    Name,
    Slice,
    Unary,
)
from netspec.lower.torch.terms.terms import Term

CONDITIONAL, OR, AND, NOT, COMPARED, SUM, PRODUCT, SIGNED, POWER, ATOM = range(10)
"""How tightly what is written binds."""
OPERATORS = {"or": OR, "and": AND, "+": SUM, "-": SUM} | dict.fromkeys(
    ("*", "/", "//", "%"), PRODUCT
)
OPPOSITE = {"==": "!=", "in": "not in", "<": ">=", ">": "<="}
OPPOSITE |= {other: one for one, other in OPPOSITE.items()}
NEGATED = ("==", "!=", "in", "not in")
"""Operators whose opposite is written in the place of a `not`."""
MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
FUNCTIONS = {name: f"math.{name}" for name in ("ceil", "floor", "log")}
"""Those that aren't Python's own."""


def python(term: Term, names: Mapping[str, str] | None = None) -> str:
    """The term as `ruff format` leaves it; names that have other ones in the code get these.

    >>> from netspec.expressions.parser import parse
    >>> python(parse("4*planes")), python(parse("(depth-2)//6")), python(parse("depths[0]"))
    ('4 * planes', '(depth - 2) // 6', 'depths[0]')
    >>> python(parse("stride if i==0 else 1")), python(parse("not (a and b!=1)"))
    ('stride if i == 0 else 1', 'not (a and b != 1)')
    >>> python(parse("not a == b")), python(parse("3 < k"))
    ('a != b', 'k > 3')
    """
    return _written(term, names or {})[0]


def _written(term: Term, names: Mapping[str, str]) -> tuple[str, int]:
    """The text, and how tightly it binds."""

    def inside(part: Term, binds: int) -> str:
        text, own = _written(part, names)
        return text if own >= binds else f"({text})"

    match _turned(term):
        case Literal(value=value):
            return _constant(value)
        case Name(name=name):
            return names.get(name, name), ATOM
        case List(items=items):
            comma = "," if len(items) == 1 else ""
            return f"({', '.join(inside(item, CONDITIONAL) for item in items)}{comma})", ATOM
        case Index(value=value, index=index):
            return f"{inside(value, ATOM)}[{inside(index, CONDITIONAL)}]", ATOM
        case Slice(value=value, lower=lower, upper=upper):
            ends = ["" if end is None else inside(end, CONDITIONAL) for end in (lower, upper)]
            return f"{inside(value, ATOM)}[{':'.join(ends)}]", ATOM
        case Call(function=function, arguments=arguments):
            given = ", ".join(inside(each, CONDITIONAL) for each in arguments)
            return f"{FUNCTIONS.get(function, function)}({given})", ATOM
        case Unary(operator="not", operand=operand):
            return f"not {inside(operand, NOT)}", NOT
        case Unary(operator=operator, operand=operand):
            return f"{operator}{inside(operand, SIGNED)}", SIGNED
        case Comparison(operators=operators, operands=operands):
            first, *rest = (inside(each, SUM) for each in operands)
            pairs = zip(operators, rest, strict=True)
            return first + "".join(f" {op} {each}" for op, each in pairs), COMPARED
        case Conditional(condition=condition, if_true=if_true, if_false=if_false):
            sides = [inside(each, OR) for each in (if_true, condition)]
            return f"{sides[0]} if {sides[1]} else {inside(if_false, CONDITIONAL)}", CONDITIONAL
        case Binary(operator="**", left=left, right=right):
            # A formatter leaves no space between simple operands.
            space = "" if _is_simple(left) and _is_simple(right) else " "
            return f"{inside(left, ATOM)}{space}**{space}{inside(right, SIGNED)}", POWER
        case Binary(operator=operator, left=left, right=right):
            binds = OPERATORS[operator]
            return f"{inside(left, binds)} {operator} {inside(right, binds + 1)}", binds
    raise AssertionError(term)


def _turned(term: Term) -> Term:
    """A comparison as a person turns it, other terms as they are."""
    match term:
        case Unary(operator="not", operand=Comparison(operators=(operator,)) as compared) if (
            operator in NEGATED
        ):
            return _turned(replace(compared, operators=(OPPOSITE[operator],)))
        case Comparison(operators=(operator,), operands=(Literal() as left, right)) if (
            operator in MIRRORED and not isinstance(right, Literal)
        ):
            # What is compared stands before what it's compared with.
            return replace(term, operators=(MIRRORED[operator],), operands=(right, left))
    return term


def _is_simple(term: Term) -> bool:
    """Whether a formatter takes an operand for a simple one: a name or a number, signed or not."""
    if isinstance(term, Unary):
        return term.operator != "not" and _is_simple(term.operand)
    return isinstance(term, Name) or (
        isinstance(term, Literal) and type(term.value) in (int, float)
    )


def _constant(value: Any) -> tuple[str, int]:
    if isinstance(value, str):
        literal = repr(value)
        plain = literal.startswith("'") and '"' not in literal
        return (f'"{literal[1:-1]}"' if plain else literal), ATOM
    text = repr(value).replace("e+", "e")
    return text, SIGNED if text.startswith("-") else ATOM
