"""The parameters of a class's constructor: what the terms of its code read, and names for it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from netspec.expressions.syntax import Binary, Name, children, names
from netspec.lower.torch.classes.columns import Extra
from netspec.lower.torch.classes.plan import ParameterPlan
from netspec.lower.torch.code import MISSING, Argument, Literal, Missing, Value, display
from netspec.lower.torch.python.names import Names
from netspec.lower.torch.regions.axes import size_name
from netspec.lower.torch.regions.region import Region, Use
from netspec.lower.torch.terms.numbers import whole
from netspec.lower.torch.terms.symbols import SIZE, VAR, is_bound, table_name
from netspec.lower.torch.terms.terms import (
    Term,
    is_joined,
    is_open,
    replaced,
    substituted,
    value_of,
)
from netspec.lower.torch.terms.text import python

MANY = 6
"""So many items of a tuple, all of one type, aren't counted in the type."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a constructor: what a symbol stands for there, or an extra one.

    `values` are those of the candidates; the terms too, where it's an extra one.
    """

    name: str
    kind: str
    default: Value | Missing
    values: tuple[Any, ...]
    symbol: str = ""
    terms: tuple[Term, ...] = ()

    @property
    def is_size(self) -> bool:
        """Whether it's a size of an input."""
        return self.symbol.startswith(SIZE)

    @property
    def plan(self) -> ParameterPlan:
        default = None if self.default is MISSING else display(self.default)
        return ParameterPlan(self.name, self.kind, default)

    def argument(self, candidate: int, use: Use | None, region: Region) -> Argument:
        """What a use passes, in the terms of the region in which it stands."""
        term = Name(0, 0, self.symbol) if self.symbol else self.terms[candidate]
        if use is not None:
            term = substituted(term, use.terms)
        value = whole(self.values[candidate], term, region.log)
        literal = Literal(value, self.name, self.default)
        return Argument(literal, "" if self.default is MISSING else self.name)


class Naming:
    """Finds what the terms of a class read, what of it the constructor computes, and names for all.

    `whole` says that the class is a block's, or the network's: those compute what their args come
    to, the classes of groups in them are given it.
    """

    def __init__(self, regions: Sequence[Region], names: Names, whole: bool) -> None:
        self.tables = regions[0].log.named
        self.codes: dict[str, str] = {symbol: table_name(symbol) for symbol in self.tables}
        self.definitions: dict[str, Term] = {}
        self.elements: dict[Term, Term] = {}
        self.names = names
        self._regions = regions
        self._whole = whole
        self._inlined: dict[str, Term] = {}
        self._called: dict[str, str] = {}

    def text(self, term: Term, kept: Callable[[str], str] | None = None) -> str:
        """A term as code, in which elements that a loop goes through have their names; those of
        parameters are what `kept` makes of them.
        """
        term = substituted(term, self._inlined)
        for element, name in self.elements.items():
            term = replaced(term, element, name)
        codes = self.codes
        if kept is not None:
            codes = codes | {symbol: kept(codes[symbol]) for symbol in sorted(names(term))}
        return python(term, codes)

    def is_of_parameters(self, term: Term) -> bool:
        """Whether a term reads nothing but what the constructor is given."""
        read = names(substituted(term, self._inlined))
        return not self.elements and read <= self.codes.keys() - self.tables.keys()

    def value(self, term: Term) -> Any:
        """What a term comes to in the first candidate."""
        return value_of(term, self._regions[0].values)

    def parameters(self, terms: Sequence[Term], extras: Sequence[Extra]) -> list[Parameter]:
        """The parameters of a class with these terms, those without a default first."""
        self._define(terms)
        read = self._read(terms)
        order = [symbol for symbol in self._regions[0].values if symbol in read]
        order.sort(key=lambda symbol: (not symbol.startswith(SIZE), symbol.startswith(VAR)))
        for symbol in order:
            self.codes[symbol] = self.names.unique(self._wish(symbol))
        for extra in extras:
            extra.name = self.names.unique(extra.wish)
        wholes = {term.name for term in terms if isinstance(term, Name)}
        joined = {name for term in terms for name in _joined(term)}
        found = [self._symbolic(symbol, symbol in wholes, symbol in joined) for symbol in order]
        found += [
            Parameter(e.name, kind(e.values), e.default, e.values, terms=e.terms) for e in extras
        ]
        self._inline(terms)
        return sorted(found, key=lambda each: each.default is not MISSING)

    def _define(self, terms: Sequence[Term]) -> None:
        """Find args that the block computes of others, and all that's then read."""
        found: dict[str, Term] = {}
        read = _all_names(terms)
        while read:
            more = {name: self._definition(name) for name in read - found.keys()}
            found |= {name: term for name, term in more.items() if term is not None}
            read = _all_names(term for term in more.values() if term is not None)
        self.definitions = {name: found[name] for name in self._regions[0].values if name in found}
        for name, term in self.definitions.items():
            if isinstance(term, Name) and term.name.startswith(SIZE):
                self._called.setdefault(term.name, name)

    def _definition(self, symbol: str) -> Term | None:
        """The term of an arg that every instance leaves to the block."""
        found = [region.defaults.get(symbol) for region in self._regions]
        first = found[0]
        if not self._whole or first is None or not is_open(first):
            return None
        return first if all(term == first for term in found) else None

    def _read(self, terms: Sequence[Term]) -> set[str]:
        """The symbols that are given, not computed here."""
        read = _all_names([*terms, *self.definitions.values()])
        bound = {name for name in read if is_bound(name)}
        return read - bound - self.definitions.keys() - self.codes.keys()

    def _inline(self, terms: Sequence[Term]) -> None:
        """Write a definition in the place of its only use, and the size of an input that an arg is
        in the place of the arg; find names for the others.
        """
        uses = Counter(
            name for term in [*terms, *self.definitions.values()] for name in _occurrences(term)
        )
        sizes = self._called.values()
        for name in [name for name in self.definitions if uses[name] == 1 or name in sizes]:
            by = {name: self.definitions.pop(name)}
            for kept in (self.definitions, self._inlined):
                kept.update({other: substituted(each, by) for other, each in kept.items()})
            self._inlined |= by
        for name in self.definitions:
            self.codes[name] = self.names.unique(name.removeprefix(VAR))

    def _wish(self, symbol: str) -> str:
        """What a symbol is called in the code, if nothing else has that name: a size of an input as
        the arg that it is, if any.
        """
        symbol = self._called.get(symbol, symbol)
        if not symbol.startswith(SIZE):
            return symbol.removeprefix(VAR)
        number, axis = map(int, symbol.removeprefix(SIZE).split("."))
        scope = self._regions[0].scope
        called = scope.input_names[number] if scope.input_names else "in"
        rank = scope.inputs[number].shape.rank
        return f"{called}_{size_name(axis, rank, self._regions[0])}"

    def _symbolic(self, symbol: str, is_whole: bool, is_joined: bool) -> Parameter:
        values = tuple(given(region.values[symbol]) for region in self._regions)
        default: Value | Missing = MISSING
        if symbol.startswith(VAR):
            default = values[0]
        elif self._whole and not symbol.startswith(SIZE):
            said = self._regions[0].scope.defaults.get(symbol)
            if said is not None and not names(said):
                default = given(value_of(said, {}))
        type = kind(values) if is_whole else sequence(values)
        if is_joined:
            type = re.sub(r"^Sequence\[(.*)\]$", r"tuple[\1, ...]", type)
        return Parameter(self.codes[symbol], type, default, values, symbol)


def _all_names(terms: Iterable[Term]) -> set[str]:
    return {name for term in terms for name in names(term)}


def _occurrences(term: Term) -> Iterator[str]:
    if isinstance(term, Name):
        yield term.name
    for part in children(term):
        yield from _occurrences(part)


def _joined(term: Term) -> Iterator[str]:
    """The lists of which a term makes one."""
    if is_joined(term) and isinstance(term, Binary):
        yield from names(term)
    for part in children(term):
        yield from _joined(part)


def given(value: Any) -> Any:
    """A value as Python's code has it: lists as tuples."""
    return tuple(map(given, value)) if isinstance(value, list | tuple) else value


def kind(values: Sequence[Any]) -> str:
    """The type of a parameter with these values."""
    kinds = {_type(value) for value in values}
    return "float" if kinds == {"int", "float"} else " | ".join(sorted(kinds))


def sequence(values: Sequence[Any]) -> str:
    """The type of a parameter with these values, of a list that is taken apart."""
    kinds = {kind(value) if isinstance(value, tuple) and value else "" for value in values}
    return f"Sequence[{kinds.pop()}]" if len(kinds) == 1 and "" not in kinds else kind(values)


def _type(value: Any) -> str:
    if isinstance(value, tuple):
        kinds = [_type(each) for each in value]
        if len(kinds) >= MANY and len(set(kinds)) == 1:
            return f"tuple[{kinds[0]}, ...]"
        return f"tuple[{', '.join(kinds) or '()'}]"
    return type(value).__name__
