"""Marks that stand for the operands of a step until there are variables for them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from netspec.lower.torch.code import (
    Attribute,
    Brackets,
    Call,
    Expr,
    Name,
    Operation,
    Repeated,
    Subscript,
)
from netspec.lower.torch.python.layout import flat

_MARK = re.compile("«([0-9]+)»")


def mark(number: int) -> Name:
    """What stands for an operand."""
    return Name(f"«{number}»")


def marked(expr: Expr, operands: Sequence[Expr]) -> Expr:
    """The expression with operands in the places of their marks."""

    def filled(part: Expr) -> Expr:
        return marked(part, operands)

    match expr:
        case Name(text):
            return _named(text, operands)
        case Call(callee, arguments):
            target = filled(callee)
            assert isinstance(target, Name | Attribute)
            given = tuple(replace(each, value=filled(each.value)) for each in arguments)
            return replace(expr, callee=target, arguments=given)
        case Attribute(value):
            return replace(expr, value=filled(value))
        case Subscript(value, items):
            texts = tuple(
                _text(item, operands) if isinstance(item, str) else item for item in items
            )
            return replace(expr, value=filled(value), items=texts)
        case Repeated(value, count):
            return Repeated(filled(value), filled(count))
        case Brackets(_, elements):
            return replace(expr, items=tuple(map(filled, elements)))
        case Operation(parts):
            return replace(expr, operands=tuple(map(filled, parts)))
    return expr


def _named(text: str, operands: Sequence[Expr]) -> Expr:
    whole = _MARK.fullmatch(text)
    if whole is not None:
        return operands[int(whole[1])]
    return Name(_text(text, operands))


def _text(text: str, operands: Sequence[Expr]) -> str:
    return _MARK.sub(lambda found: flat(operands[int(found[1])]), text)
