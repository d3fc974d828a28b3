"""The numbers of a class: which stay, which a term of the spec gives, which become parameters.

The literals of all candidates are laid side by side, a column each. Mostly one term of the spec
stands in all of them. Where several do, one of them that has the right value in each candidate
will do for all; where none has, the column is a parameter of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from netspec.expressions.syntax import Name, names
from netspec.lower.torch.classes.merging import Column
from netspec.lower.torch.code import MISSING, Literal, Missing, Value
from netspec.lower.torch.regions.region import Region
from netspec.lower.torch.terms.numbers import is_plain, itemized, plain, term_of
from netspec.lower.torch.terms.symbols import is_bound
from netspec.lower.torch.terms.terms import Opaque, Term, value_of
from netspec.lower.torch.terms.text import python

VAGUE = "num_features"
"""What BatchNorm calls its channels; another layer's word for the same number says more."""


@dataclass(slots=True, eq=False)
class Extra:
    """A parameter that no name of the spec is: a term for each candidate, and a wish for a name."""

    wish: str
    terms: tuple[Term, ...]
    values: tuple[Any, ...]
    default: Value | Missing = MISSING
    name: str = ""


@dataclass(slots=True)
class Columns:
    """Decides for each column what stands in its place."""

    regions: Sequence[Region]
    extras: list[Extra] = field(default_factory=list)

    def settle(self, columns: Sequence[Column]) -> list[Term | Extra | Literal]:
        """What stands in the place of each column: a term, an extra parameter, or a literal."""
        settled: list[Term | Extra | Literal | None] = [self._settled(each) for each in columns]
        groups: dict[object, list[int]] = {}
        for number, each in enumerate(settled):
            if each is None:
                groups.setdefault(_texts(columns[number]), []).append(number)
        for numbers in groups.values():
            extra = self._extra([columns[number] for number in numbers])
            self.extras.append(extra)
            for number in numbers:
                settled[number] = extra
        return [each for each in settled if each is not None]

    def _settled(self, column: Column) -> "Term | Literal | None":
        there = column.there
        if all(literal.omitted for literal in there):
            first = there[0]
            return Literal(first.value, first.field, first.value)
        texts = dict.fromkeys(_text(literal) for literal in there)
        first = there[0]
        if len(texts) == 1:
            if is_plain(first.value):
                return Literal(first.value, first.field)
            for term in (term_of(first.value), itemized(first.value)):
                if any(map(is_bound, names(term))) or self._holds(term, column):
                    return term
            return None
        found = [term_of(literal.value) for literal in there if not is_plain(literal.value)]
        for term in dict.fromkeys(found):
            if self._holds(term, column):
                self._fix(term, column)
                return term
        return None

    def _fix(self, term: Term, column: Column) -> None:
        """Note that the term is right for these values of what is read, maybe not for any."""
        for region, literal in zip(self.regions, column.literals, strict=True):
            if literal is not None:
                for name in names(term) | names(term_of(literal.value)):
                    region.log.fix(Name(0, 0, name))

    def _holds(self, term: Term, column: Column) -> bool:
        """Whether a term has the column's value in each candidate."""
        for region, literal in zip(self.regions, column.literals, strict=True):
            if literal is None:
                continue
            try:
                value = value_of(term, region.values)
            except Opaque:
                return False
            wanted = plain(literal.value)
            value = tuple(value) if isinstance(value, list) else value
            if type(value) is not type(wanted) and not _is_float(value, wanted):
                return False
            if value != wanted:
                return False
        return True

    def _extra(self, group: Sequence[Column]) -> Extra:
        column = min(group, key=lambda each: each.there[0].field == VAGUE)
        if any(literal is None for each in group for literal in each.literals):
            raise NotShared
        literals = column.there
        name = literals[0].field or "value"
        if (
            name in [extra.wish for extra in self.extras]
            and column.member
            and not column.member.isdecimal()
        ):
            name = f"{column.member}_{name}"
        values = tuple(plain(literal.value) for literal in literals)
        terms = tuple(term_of(literal.value) for literal in literals)
        if any(is_bound(symbol) for term in terms for symbol in names(term)):
            raise NotShared
        return Extra(name, terms, values, _default(group))


class NotShared(Exception):
    """A number that candidates have each their own of can't be given: one lacks it, or it changes
    with the turns of a loop within.
    """


def _is_float(value: object, wanted: object) -> bool:
    """Whether an integer stands where a float does."""
    return type(value) is int and type(wanted) is float


def _text(literal: Literal) -> object:
    return type(plain(literal.value)), python(term_of(literal.value))


def _texts(column: Column) -> object:
    return tuple(_text(literal) for literal in column.there)


def _default(group: Sequence[Column]) -> Value | Missing:
    """The default that PyTorch gives the argument, if it's one and some candidate keeps it."""
    defaults = {literal.default for column in group for literal in column.there}
    values = {plain(literal.value) for literal in group[0].there}
    if len(defaults) == 1:
        (default,) = defaults
        if default is not MISSING and is_plain(default) and default in values:
            return default
    return MISSING
