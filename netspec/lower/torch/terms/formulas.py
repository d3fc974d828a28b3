"""Formulas for the elements of a tensor, around the indices that they read."""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from netspec.expressions.syntax import Name, children, names, with_children
from netspec.lower.torch.terms.numbers import Log, whole
from netspec.lower.torch.terms.terms import Term, is_open
from netspec.lower.torch.terms.text import python

_HOLE = re.compile("\0(\\d+)\0")


class Formula(list[Any]):
    """The elements of a tensor, in lists, with the formula that gives them.

    `parts` are its text and, between, the numbers that come from elsewhere, which know their terms;
    `axes` are what it calls the indices.
    """

    parts: tuple[Any, ...]
    axes: tuple[str, ...]


def formula(
    elements: list[Any],
    term: Term,
    axes: Collection[str],
    value: Callable[[Term], Any],
    log: Log,
) -> Formula:
    """The elements with their formula; `value` gives what a term without indices comes to."""
    made = Formula(elements)
    made.axes = tuple(axes)
    made.parts = tuple(_parts(term, frozenset(axes), value, log))
    return made


def _parts(
    term: Term, axes: frozenset[str], value: Callable[[Term], Any], log: Log
) -> Iterator[Any]:
    found: list[Term] = []

    def hollow(part: Term) -> Term:
        if not is_open(part):
            return part
        if names(part) & axes:
            return with_children(part, map(hollow, children(part)))
        found.append(part)
        return Name(0, 0, f"\0{len(found) - 1}\0")

    for number, text in enumerate(_HOLE.split(python(hollow(term)))):
        if number % 2:
            part = found[int(text)]
            yield whole(value(part), part, log)
        elif text:
            yield text
