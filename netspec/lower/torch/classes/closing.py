"""Terms without the numbers of turns: outside of a loop these are what they are."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from netspec.expressions.syntax import Name, names
from netspec.lower.torch.classes.body import Held, Holder
from netspec.lower.torch.code import Brackets, Expr, Literal, literals, with_literals
from netspec.lower.torch.python.layout import WIDTH, number
from netspec.lower.torch.terms.arithmetic import reckoned
from netspec.lower.torch.terms.numbers import Log, Open, OpenTuple, plain, whole
from netspec.lower.torch.terms.symbols import NONE, Turns, is_bound, turns_of
from netspec.lower.torch.terms.terms import Term, constant, is_open, substituted


def closed_held(held: Held, around: Turns = NONE) -> Held:
    """A member with the numbers of the turns in which it stands, where no loop says them.

    What a loop gives stands in the turns around that.
    """
    turns = {**around, **turns_of(held.controls)}
    if isinstance(held.value, Holder):
        loop = held.value.loop
        if loop is not None:
            changing = None if loop.changing is None else closed_term(loop.changing, turns)
            count, *sizes = loop.numbers.items
            counts = (closed(count, turns, through=True), *(closed(s, turns) for s in sizes))
            loop = replace(loop, numbers=Brackets("()", counts), changing=changing)
        inner = tuple(closed_held(each, turns) for each in held.value.held)
        value: Expr | Holder = replace(held.value, held=inner, loop=loop)
    else:
        value = closed(held.value, turns)
    conditions = held.conditions
    if conditions is not None:
        conditions = tuple(closed_term(each, turns) for each in conditions)
    label = tuple(e if isinstance(e, str) else closed_term(e, turns) for e in held.label)
    return replace(held, value=value, conditions=conditions, label=label)


def closed(expr: Any, turns: Turns, *, through: bool = False) -> Any:
    """The expression as it is in these turns.

    Tables that are what they are stand for their numbers, but `through` which a loop goes, and
    those as a whole that no line holds.
    """
    found = list(literals(expr))
    if all(_is_closed(literal.value) for literal in found):
        return expr
    return with_literals(expr, _closed(found, turns, through))


def _closed(found: list[Literal], turns: Turns, through: bool) -> Iterator[Literal]:
    for literal in found:
        default = literal.default
        if not _is_closed(default):
            default = _value(default, turns, through)
        yield Literal(_value(literal.value, turns, through), literal.field, default)


def _is_closed(value: object) -> bool:
    match value:
        case OpenTuple() | Open():
            named = value.log.named
            return not any(name.startswith("#") or name in named for name in names(value.term))
        case tuple():
            return all(map(_is_closed, value))
    return True


def _value(value: Any, turns: Turns, through: bool) -> Any:
    match value:
        case OpenTuple() | Open():
            term = closed_term(value.term, turns, value.log)
            if not (through or any(map(is_bound, names(term))) or _is_long(value)):
                term = substituted(term, value.log.named)
            return whole(plain(value), term, value.log)
        case tuple():
            return tuple(_value(each, turns, through) for each in value)
    return value


def _is_long(value: OpenTuple | Open) -> bool:
    """Whether it's a table as a whole that a line doesn't hold, so that its name is better."""
    return isinstance(value.term, Name) and len(number(plain(value))) > WIDTH


def closed_term(term: Term, turns: Turns = NONE, log: Log | None = None) -> Term:
    """The term with the numbers of turns, those that are over too; turns that are neither stay."""
    numbers: dict[str, Term] = {}
    for name in names(term):
        if name.startswith("#"):
            place, _, number = name[1:].partition(":")
            if number:
                numbers[name] = constant(int(number))
                count = None if log is None else log.loops.get(int(place))
                if log is not None and count is not None and is_open(count):
                    log.fix(count)
            elif int(place) in turns:
                numbers[name] = constant(turns[int(place)])
    return reckoned(substituted(term, numbers)) if numbers else term
