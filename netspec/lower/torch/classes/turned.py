"""The turns of repeats as candidates for a loop, and terms that tell them apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netspec.expressions.syntax import Comparison, Conditional, Name, names
from netspec.lower.torch.code import Literal
from netspec.lower.torch.terms.numbers import plain, term_of
from netspec.lower.torch.terms.terms import Opaque, Term, constant, value_of


@dataclass(frozen=True, slots=True)
class Turned:
    """A turn, of one repeat or of several within each other, as a candidate: the values of its
    symbols, that of its number, and the size that its first element is handed.
    """

    values: Mapping[str, Any]
    index: str = ""
    before: Term | None = None

    @property
    def is_first(self) -> bool:
        return bool(self.values[self.index] == 0)


def is_value(term: Term, turn: Turned, literal: Literal) -> bool:
    try:
        return bool(value_of(term, turn.values) == plain(literal.value))
    except Opaque:
        return False


def first_apart(there: Sequence[tuple[Turned, Literal]]) -> Term | None:
    """The term of the first turn and that of all others, chosen by the turn's number."""
    found: dict[bool, set[Term]] = {True: set(), False: set()}
    for turn, literal in there:
        found[turn.is_first].add(term_of(literal.value))
    if any(len(terms) != 1 for terms in found.values()):
        return None
    (first,), (other,) = found[True], found[False]
    if any(":" in name for term in (first, other) for name in names(term)):
        return None
    is_first = Comparison(0, 0, ("==",), (Name(0, 0, there[0][0].index), constant(0)))
    return Conditional(0, 0, is_first, first, other)
