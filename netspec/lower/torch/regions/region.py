"""A region is what stands in one block, or in none: what its expressions read is its own.

It knows the types of its blobs in its own terms, and what has been decided by them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

from netspec.expressions.syntax import Expression, Name, names
from netspec.graph import Blob, Scope, TensorType
from netspec.graph.tree import beginnings
from netspec.graph.types import Shape
from netspec.graph.written import Condition, Control, Turn, Written
from netspec.lower.torch.structure.wiring import Member
from netspec.lower.torch.terms.arithmetic import collected
from netspec.lower.torch.terms.numbers import Log, Open, opened, plain, term_of
from netspec.lower.torch.terms.symbols import (
    NONE,
    Turns,
    past_symbol,
    turn_symbol,
    turns_of,
)
from netspec.lower.torch.terms.terms import Opaque, Resolver, Term, constant, is_open, substituted

Around: TypeAlias = tuple[int, tuple[Control, ...]]
"""The place of a repeat, and the controls around it."""


@dataclass(frozen=True)
class Use:
    """A use of a block: its region, and the terms that its symbols have where it's used."""

    region: "Region"
    terms: Mapping[str, Term]

    @cached_property
    def known(self) -> set[str]:
        """The symbols that stand for mere values."""
        return {symbol for symbol, term in self.terms.items() if not is_open(term)}


@dataclass(eq=False)
class Region:
    """A block's scope, one for all instances that are like it, or the whole network's.

    `terms` are what its names stand for, `values` are the values of the symbols that terms read.
    `defaults` are the terms of args that the use leaves to the block, `given` those it gives.
    `tables` are those in its expressions that have names.
    `reads_signals` is whether its layers take three axes for N×C×L, None before anyone asks.
    `counts` are the open ones of repeats, `settled` those repeats, by path, that are right for any
    count, `followed` those whose code is.
    """

    scope: Scope
    terms: dict[str, Term]
    values: dict[str, Any]
    defaults: dict[str, Term] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    log: Log = field(default_factory=Log)
    types: dict[str, TensorType] = field(default_factory=dict)
    uses: dict[str, Use] = field(default_factory=dict)
    made_in: dict[str, Turns] = field(default_factory=dict)
    tables: Mapping[Expression, Term] = field(default_factory=dict)
    reads_signals: bool | None = None
    turns: dict[Around, Turn] = field(default_factory=dict)
    counts: dict[Around, Term] = field(default_factory=dict)
    settled: dict[str, Around] = field(default_factory=dict)
    followed: set[Around] = field(default_factory=set)
    _decided: dict[Term, set[str]] | None = None

    def type_of(self, blob: Blob, turns: Turns = NONE) -> TensorType:
        """A blob's type, its sizes in the region's terms, for who stands in these turns."""
        return self.type_named(blob.name, turns) or blob.type

    def type_named(self, name: str, turns: Turns = NONE) -> TensorType | None:
        """The type of the blob of that name; None for one that the region doesn't know."""
        if name not in self.types:
            self._find(name)
        made = self.types.get(name)
        left = {
            turn_symbol(place): Name(0, 0, past_symbol(place, number))
            for place, number in self.made_in.get(name, NONE).items()
            if turns.get(place) != number
        }
        return made if made is None or not left else self._in_own_terms(made, left)

    def _find(self, name: str) -> None:
        """Ask the block that gives a blob for its type."""
        for path in beginnings(name):
            use = self.uses.get(path)
            if use is not None:
                made = use.region.type_named(use.region.scope.path + name[len(path) :])
                if made is not None:
                    self.types[name] = self._in_own_terms(made, use.terms)
                    self.made_in[name] = self.made_in.get(path, NONE)
                return

    def enter(self, controls: tuple[Control, ...]) -> Turns:
        """The turns of these controls, whose numbers then have values."""
        turns = turns_of(controls)
        for place, number in turns.items():
            self.values[past_symbol(place, number)] = number
        return turns

    def at(self, turns: Turns) -> dict[str, Any]:
        """The values of symbols in these turns."""
        if not turns:
            return self.values
        return self.values | {turn_symbol(place): number for place, number in turns.items()}

    def _in_own_terms(self, made: TensorType, terms: Mapping[str, Term]) -> TensorType:
        sizes = tuple(
            opened(plain(size), collected(substituted(size.term, terms)), self.log)
            if isinstance(size, Open)
            else size
            for size in made.shape
        )
        return replace(made, shape=Shape(sizes))

    def resolver(self, controls: tuple[Control, ...], asked: Mapping[str, str]) -> Resolver:
        """What expressions read that stand under these controls."""
        turns = self.enter(controls)

        def sizes(path: str) -> tuple[Term | None, ...]:
            found = self.type_named(asked[path], turns) if path in asked else None
            if found is None:
                raise Opaque
            return tuple(term_of(s) if isinstance(s, int) else None for s in found.shape)

        resolver = Resolver(self.terms, sizes, self.tables)
        for each in controls:
            if isinstance(each, Turn):
                resolver = resolver.within(each, Name(0, 0, turn_symbol(each.place)))
        return resolver

    def condition(self, each: Condition, controls: tuple[Control, ...]) -> Term:
        """The term of a condition; Opaque where it has none."""
        return self.resolver(controls, each.asked).term(each.formula)

    def decided(self) -> Iterator[Term]:
        """All that has been decided in the region and in the blocks that it uses, in its terms."""
        yield from self.log.decided
        for use in self.uses.values():
            for term, read in use.region.all_decided.items():
                if read <= use.known:
                    continue
                try:
                    here = substituted(term, use.terms)
                except Opaque:
                    continue
                if is_open(here):
                    yield here

    def counted(self) -> Iterator[Term]:
        """The open counts of repeats here and in blocks that are used, in the region's terms."""
        yield from self.counts.values()
        for path, use in self.uses.items():
            turns = self.made_in.get(path, NONE)
            numbers = {turn_symbol(place): constant(number) for place, number in turns.items()}
            for term in use.region.counted():
                here = substituted(substituted(term, use.terms), numbers)
                if is_open(here):
                    yield here

    @property
    def all_decided(self) -> dict[Term, set[str]]:
        """Each of the decisions once, with the names that it reads."""
        if self._decided is None:
            self._decided = {term: names(term) for term in self.decided()}
        return self._decided

    def forget(self) -> None:
        """Ask anew what has been decided: more may have been."""
        self._decided = None
        for use in self.uses.values():
            use.region.forget()

    # What decides.

    def note(self, written: Written | None) -> None:
        """Note what decides about a member: its conditions, its names, how often it's repeated."""
        if written is None:
            return
        turns = {each.index for each in written.controls if isinstance(each, Turn)}
        for expression in written.fixed:
            # A loop over layers whose names say the turn's number has names for any count.
            if expression not in written.name or not names(expression) <= turns:
                self.fix(written, expression)
        for number, each in enumerate(written.controls):
            around = written.controls[:number]
            if isinstance(each, Condition):
                self._decide(each, around)
            elif each.count is not None and names(each.count):
                self.turns[each.place, around] = each

    def note_absent(self, absent: Written) -> None:
        """Note what leaves out an entry."""
        self.note(absent)
        for expression in absent.fields.values():
            if expression is not None:
                self.fix(absent, expression)

    def fix(self, written: Written, expression: Expression) -> None:
        """Note that the value of an entry's expression must be what it is."""
        try:
            term = self.resolver(written.controls, written.asked).term(expression)
        except Opaque:
            self.fix_names(expression, written.controls)
            return
        if is_open(term):
            self.log.fix(term)

    def fix_names(self, expression: Expression, controls: tuple[Control, ...]) -> None:
        """Note that all that an expression reads under these controls must be what it is."""
        read = names(expression)
        for each in reversed(controls):
            if isinstance(each, Turn) and each.rows is not None and each.names & read:
                read |= names(each.rows)
        for name in read & self.terms.keys():
            if is_open(self.terms[name]):
                self.log.fix(self.terms[name])

    def _decide(self, each: Condition, controls: tuple[Control, ...]) -> None:
        try:
            term = self.condition(each, controls)
        except Opaque:
            self.fix_names(each.formula, controls)
            return
        if is_open(term):
            self.log.fix(term)


def members(scope: Scope) -> Iterator[Member]:
    """The layers of a region, and the blocks that it uses."""
    for member in scope.members:
        if isinstance(member, Scope) and member.block is None:
            yield from members(member)
        else:
            yield member


def within(scope: Scope) -> Iterator[Scope]:
    """The scope of a region, and its groups and repeats."""
    yield scope
    for member in scope.members:
        if isinstance(member, Scope) and member.block is None:
            yield from within(member)


def controls_of(member: Member) -> tuple[Control, ...]:
    """The repeats and conditions under which a member stands in its block."""
    return member.written.controls if member.written is not None else ()
