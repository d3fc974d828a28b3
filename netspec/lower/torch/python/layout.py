"""Code as text, laid out as `ruff format` with its default settings leaves it.

An expression stays on one line if that fits 88 columns. Otherwise a call's arguments go to one
indented line, or each to its own with a comma behind the last; a display's items each to their
own; an operation into parentheses, and so a statement's chain of methods of calls.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import accumulate, pairwise

from netspec.lower.torch.code import (
    Argument,
    Assign,
    Attribute,
    Block,
    Brackets,
    Call,
    Comprehension,
    Do,
    Expr,
    Literal,
    Name,
    Operation,
    Pieces,
    Repeated,
    Return,
    Statement,
    Subscript,
)
from netspec.lower.torch.terms.numbers import term_of
from netspec.lower.torch.terms.text import python

WIDTH = 88
INDENT = 4
CHAIN = 3
"""The calls of a chain that a formatter puts into parentheses rather than break the last one."""
_SUMS = frozenset("+-")
_ATOM = re.compile(r"[\w.]+(\([^()]*\))?|\"[^\"]*\"")
_LOOSEST_FIRST = (" if | else ", r" [+-] ", r" (?:\*|/|//|%) ")
"""Operators by how tightly they bind."""


def flat(expr: Expr) -> str:
    """The expression on one line."""
    match expr:
        case Name(text):
            return text
        case Literal(value):
            return python(term_of(value)) if not isinstance(value, str) else quoted(value)
        case Call(callee):
            return f"{flat(callee)}({', '.join(map(_flat_argument, expr.written))})"
        case Attribute(value, name):
            return f"{_primary(value)}.{name}"
        case Subscript(value, items):
            return f"{_primary(value)}[{', '.join(flat(_index(item)) for item in items)}]"
        case Brackets(brackets, items):
            comma = "," if brackets == "()" and len(items) == 1 else ""
            inside = ", ".join(key + flat(item) for key, item in _entries(expr))
            return f"{brackets[0]}{inside}{comma}{brackets[1]}"
        case Operation(operands, operators):
            first, *others = (_operand(operand, operators) for operand in operands)
            rest = zip(operators, others, strict=True)
            return first + "".join(f" {operator} {operand}" for operator, operand in rest)
        case Repeated(value, count):
            return f"*({flat(value)} for _ in range({flat(count)}))"
        case Comprehension(value, variable, through):
            return f"[{flat(value)} for {variable} in {flat(through)}]"
        case Pieces(parts):
            return "".join(part if isinstance(part, str) else _atom(part) for part in parts)


def _operand(value: Expr, operators: Collection[str]) -> str:
    """The expression as an operand: a sum in parentheses, products as they are."""
    return f"({flat(value)})" if _is_apart(value, operators) else flat(value)


def _is_apart(value: Expr, operators: Collection[str]) -> bool:
    """Whether an operation stands in parentheses between these operators: a sum does, and among
    products one that isn't like them, where it matters which comes first.
    """
    if not isinstance(value, Operation):
        return False
    if not _SUMS.isdisjoint(value.operators):
        return True
    return not _SUMS.issuperset(operators) and not {*value.operators, *operators} <= {"*"}


def _atom(value: Expr) -> str:
    """The expression as an operand of any operator."""
    text = flat(value)
    in_brackets = isinstance(value, Literal) and isinstance(value.value, tuple)
    return text if in_brackets or _ATOM.fullmatch(text) else f"({text})"


def _primary(value: Expr) -> str:
    """The expression as what an attribute or a subscript is taken of."""
    return f"({flat(value)})" if isinstance(value, Operation) else flat(value)


def _index(item: str | Brackets) -> Expr:
    return Name(item) if isinstance(item, str) else item


def quoted(text: str) -> str:
    """A string literal in double quotes, unless it holds more of them than single ones."""
    literal = repr(text)
    if literal.startswith("'") and '"' not in literal:
        return f'"{literal[1:-1]}"'
    return literal


def number(value: object) -> str:
    """A number, or what else isn't text, as a formatter leaves it: no plus in an exponent."""
    return repr(value).replace("e+", "e")


def lines(expr: Expr, indent: int = 0, prefix: str = "", suffix: str = "") -> list[str]:
    """The expression over as many lines as it needs, between `prefix` and `suffix`."""
    margin = " " * indent
    line = f"{margin}{prefix}{flat(expr)}{suffix}"
    if len(line) <= WIDTH and not _expanded(expr):
        return [line]
    inner = indent + INDENT
    match expr:
        case Call(callee) if expr.written:
            return [
                f"{margin}{prefix}{flat(callee)}(",
                *_argument_lines(expr, inner),
                f"{margin}){suffix}",
            ]
        case Attribute(Call() as value, name):
            return lines(value, indent, prefix, f".{name}{suffix}")
        case Subscript(value, indices):
            inside = Call(Name(""), tuple(Argument(_index(index)) for index in indices))
            body = _argument_lines(inside, inner)
            return [f"{margin}{prefix}{_primary(value)}[", *body, f"{margin}]{suffix}"]
        case Brackets(brackets):
            items = (lines(item, inner, key, ",") for key, item in _entries(expr))
            body = [line for item in items for line in item]
            return [f"{margin}{prefix}{brackets[0]}", *body, f"{margin}{brackets[1]}{suffix}"]
        case Operation():
            return [f"{margin}{prefix}(", *_operation_lines(expr, inner), f"{margin}){suffix}"]
        case Repeated(value, count):
            body = lines(value, inner)
            last = f"{' ' * inner}for _ in range({flat(count)})"
            return [f"{margin}{prefix}*(", *body, last, f"{margin}){suffix}"]
        case Comprehension(value, variable, through):
            body = [f"{' ' * inner}{flat(expr)[1:-1]}"]
            if len(body[0]) > WIDTH:
                body = [*lines(value, inner), *lines(through, inner, f"for {variable} in ")]
            return [f"{margin}{prefix}[", *body, f"{margin}]{suffix}"]
        case Pieces():
            return [f"{margin}{part}" for part in _broken(f"{prefix}{flat(expr)}{suffix}")]
    return [line]


def _broken(text: str) -> list[str]:
    """An expression, broken before the loosest operators outside of brackets."""
    depths = list(accumulate((each in "([") - (each in ")]") for each in text))
    for operators in _LOOSEST_FIRST:
        places = [each.start() for each in re.finditer(operators, text) if not depths[each.start()]]
        if places:
            return [text[one:other].strip() for one, other in pairwise([0, *places, len(text)])]
    return [text]


def statement_lines(statement: Statement, indent: int = 0) -> Iterator[str]:
    """The lines of a statement."""
    match statement:
        case Assign(targets, value, operator):
            yield from _value_lines(value, indent, f"{', '.join(targets)} {operator}= ")
        case Do(value):
            yield from lines(value, indent)
        case Return((value,)):
            yield from _value_lines(value, indent, "return ")
        case Return(values):
            line = f"{' ' * indent}return {', '.join(map(flat, values))}"
            whole = Brackets("()", values)
            yield from [line] if len(line) <= WIDTH else lines(whole, indent, "return ")
        case Block(keyword, head, body):
            text = f"{keyword} " if keyword != "else" else keyword
            yield from lines(head, indent, text, ":")
            for inner in body:
                yield from statement_lines(inner, indent + INDENT)


def _value_lines(value: Expr, indent: int, prefix: str) -> list[str]:
    """The value of a statement: a chain of methods that a line can't hold goes into parentheses."""
    links = _links(value)
    if len(links) < CHAIN or len(f"{' ' * indent}{prefix}{flat(value)}") <= WIDTH:
        return lines(value, indent, prefix)
    margin, inner = " " * indent, " " * (indent + INDENT)
    whole = [f"{inner}{flat(value)}"]
    if len(whole[0]) > WIDTH:
        whole = [line for link in links for line in lines(link, indent + INDENT)]
    return [f"{margin}{prefix}(", *whole, f"{margin})"]


def _links(value: Expr) -> list[Expr]:
    """A chain of methods, each of what the call before it gives: that call, then the others."""
    match value:
        case Call(Attribute(Call() as inner, name)):
            return [*_links(inner), replace(value, callee=Name(f".{name}"))]
    return [value]


def signature(
    name: str, parameters: Iterable[Argument | str], result: str, indent: int = INDENT
) -> str:
    """The head of a method; it breaks as a call does. Parameters without a default are text."""
    given = (Argument(Name(each)) if isinstance(each, str) else each for each in parameters)
    whole = Call(Name(name), (Argument(Name("self")), *given))
    return "\n".join(lines(whole, indent, "def ", f" -> {result}:"))


def _entries(display: Brackets) -> Iterator[tuple[str, Expr]]:
    keys = display.keys or ("",) * len(display.items)
    for key, item in zip(keys, display.items, strict=True):
        yield f"{quoted(key)}: " if display.keys else "", item


def _flat_argument(argument: Argument) -> str:
    return f"{argument.prefix}{flat(argument.value)}"


def _argument_lines(call: Call, indent: int) -> list[str]:
    line = " " * indent + ", ".join(map(_flat_argument, call.written))
    if len(line) <= WIDTH and not call.expand and not any(map(_expanded, _values(call))):
        return [line]
    # A formatter adds no comma behind an only argument.
    comma = "," if len(call.written) > 1 or call.expand else ""
    result = []
    for argument in call.written:
        result += lines(argument.value, indent, argument.prefix, comma)
    return result


def _operation_lines(operation: Operation, indent: int) -> Iterator[str]:
    line = " " * indent + flat(operation)
    if len(line) <= WIDTH:
        yield line
        return
    for operator, operand in zip(("", *operation.operators), operation.operands, strict=True):
        apart = _is_apart(operand, operation.operators)
        whole = Name(_operand(operand, operation.operators)) if apart else operand
        yield from lines(whole, indent, f"{operator} " if operator else "")


def _values(call: Call) -> Iterator[Expr]:
    return (argument.value for argument in call.written)


def _expanded(expr: Expr) -> bool:
    """Whether something in the expression asks for lines of its own."""
    match expr:
        case Call():
            return expr.expand or any(map(_expanded, _values(expr)))
        case Brackets(_, items):
            return any(map(_expanded, items))
        case Repeated(value):
            return _expanded(value)
    return False
