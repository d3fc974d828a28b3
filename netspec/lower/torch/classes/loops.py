"""Repeats that become loops: elements of a chain that differ in what their turn says alone.

The turns of a repeat are laid side by side, as instances of a block are. What is the same
expression of the turn's number in all of them is that expression; what is the size that the turn
before hands on is a variable that each turn sets anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeAlias

from netspec.expressions.syntax import Name, names
from netspec.graph.written import Control, Turn
from netspec.lower.torch.classes.body import SEQUENTIAL, Held, Holder, Loop
from netspec.lower.torch.classes.elements import (
    controls_around,
    counting,
    has_turns,
    lines,
    looped,
    names_in,
    renamed_element,
    repeat_of,
    text,
)
from netspec.lower.torch.classes.merging import (
    LOOP,
    Column,
    Unlike,
    held_columns,
    merged_held,
)
from netspec.lower.torch.classes.turned import Turned, first_apart, is_value
from netspec.lower.torch.code import Brackets, Literal, Repeated
from netspec.lower.torch.regions.axes import channel_axis
from netspec.lower.torch.regions.opened import seen
from netspec.lower.torch.regions.region import Around, Region
from netspec.lower.torch.terms.arithmetic import simplified
from netspec.lower.torch.terms.numbers import plain, term_of, whole
from netspec.lower.torch.terms.symbols import carried_symbol, turn_symbol, turns_of
from netspec.lower.torch.terms.terms import (
    Opaque,
    Term,
    is_open,
    replaced,
    value_of,
)
from netspec.lower.torch.terms.text import python

FEW = 2
"""So many different elements are written out, one after the other."""


def with_loops(found: Sequence[Held], region: Region, is_level: bool = True) -> list[Held]:
    """The elements of a chain, the turns of a repeat in a loop where they are many.

    Unless `is_level`, what stands behind hangs on how many there are.
    """
    kept: list[Held] = []
    handed: dict[Term, Term] = {}
    for place, group in groupby(found, key=repeat_of):
        run = [renamed_element(held, handed, region.log) for held in group]
        if place is None or _is_written_out(run, place, region):
            kept += [with_loops_within(held, region) for held in run]
            continue
        nest = _Nest(region, place, is_level)
        decided = len(region.log.decided)
        try:
            kept.append(nest.outermost(place, run))
        except (Unlike, Opaque):
            del region.log.decided[decided:]
            kept += [with_loops_within(held, region) for held in run]
            continue
        last = nest.size(run[-1].gives, controls_around(run[-1].controls, place))
        if nest.used and last is not None and is_open(term_of(last)):
            handed[term_of(last)] = nest.carried
    return kept


def with_loops_within(held: Held, region: Region) -> Held:
    """An element that is no turn of a loop; what it holds may be."""
    value = held.value
    in_turns = any(isinstance(each, Turn) for each in held.controls)
    if not in_turns or not isinstance(value, Holder) or value.kind != SEQUENTIAL:
        return held
    inner = tuple(with_loops(value.held, region))
    return replace(held, value=replace(value, held=inner))


def _is_written_out(run: Sequence[Held], place: int, region: Region) -> bool:
    """Whether turns are no loop: all are said already, or few are different, equal ones in a row
    counted once.
    """
    if isinstance(run[-1].value, Repeated):
        return True
    return sum(1 for _ in groupby(run, key=text)) <= FEW and not _is_loop(run[0], place, region)


def _is_loop(held: Held, place: int, region: Region) -> bool:
    """Whether even few turns are one: they have names of their own, or an arg is their count."""
    if held.label:
        return True
    turn = next(t for t in held.controls if isinstance(t, Turn) and t.place == place)
    if region.scope.block is None or turn.count is None:
        return False
    resolver = region.resolver(controls_around(held.controls, place), turn.asked)
    try:
        return is_open(resolver.term(turn.count))
    except Opaque:
        return False


Columns: TypeAlias = Sequence[Sequence[Held]]
"""The elements of each candidate."""


class _Nest:
    """Makes loops of turns, one within another, all of which hand on one size."""

    def __init__(self, region: Region, place: int, is_level: bool) -> None:
        self.is_level = is_level
        self.region = region
        self.carried = Name(0, 0, carried_symbol(place))
        self.used = False
        self.lost = False
        self.set_within: Term | None = None
        self.counts: dict[int, Term] = {}
        self.followed: set[Around] = set()

    def outermost(self, place: int, run: list[Held]) -> Held:
        """The loop around all; Unlike where there is none."""
        around = controls_around(run[0].controls, place)
        loop, _ = self._loop(place, [run], [Turned(self.region.at(turns_of(around)))])
        if self.used and self.lost:
            raise Unlike
        loop = replace(loop if self.used else counting(loop), controls=around)
        written_out = sum(lines(next(group)) for _, group in groupby(run, key=text))
        if lines(loop) >= written_out and not _is_loop(run[0], place, self.region):
            raise Unlike
        self.region.log.loops |= self.counts
        self.region.followed |= self.followed if self.is_level else set()
        return loop

    def size(self, blob: str, controls: tuple[Control, ...]) -> Any:
        """The size that elements of a chain hand on: channels, or the last axis."""
        found = self.region.type_named(blob, turns_of(controls))
        if found is None or found.shape.rank < 2:
            return None
        size = found.shape[channel_axis(found.shape, self.region)]
        return size if isinstance(size, int) else None

    def _elements(self, columns: Columns, turns: Sequence[Turned]) -> tuple[list[Held], bool]:
        """What gives the elements in all of the turns, and whether the last of it is a loop."""
        made: list[Held] = []
        runs = [
            [(place, list(group)) for place, group in groupby(each, key=repeat_of)]
            for each in columns
        ]
        if len({tuple(place for place, _ in run) for run in runs}) > 1:
            raise Unlike
        sets = False
        for segment in zip(*runs, strict=True):
            place, found = segment[0][0], [group for _, group in segment]
            if place is not None:
                loop, sets = self._loop(place, found, turns)
                made.append(loop)
            elif any(has_turns(held) for group in found for held in group):
                holder, sets = self._holder(found, turns)
                made.append(holder)
            else:
                made += self._alike(found, turns)
                sets = False
        return made, sets

    def _holder(
        self, found: Sequence[Sequence[Held]], turns: Sequence[Turned]
    ) -> tuple[Held, bool]:
        """A container with turns of its own."""
        inside: list[list[Held]] = []
        for group in found:
            value = group[0].value
            if len(group) > 1 or not isinstance(value, Holder) or value.kind != SEQUENTIAL:
                raise Unlike
            if group[0].conditions:
                raise Unlike
            inside.append(list(value.held))
        inner, sets = self._elements(inside, turns)
        model = found[0][0]
        return replace(model, value=Holder(SEQUENTIAL, tuple(inner)), controls=()), sets

    def _alike(self, found: Columns, turns: Sequence[Turned]) -> Iterator[Held]:
        """Elements that are as one, but for conditions."""
        merged = merged_held([tuple(group) for group in found], turns, numbered=True)
        settled = iter([self._literal(column, turns) for column in held_columns(merged, "")])
        for each in merged:
            yield looped(each, settled)

    def _loop(
        self, place: int, found: Sequence[Sequence[Held]], turns: Sequence[Turned]
    ) -> tuple[Held, bool]:
        """The turns of one repeat, in all turns around it; and whether a size is handed on."""
        inner: list[Turned] = []
        columns: list[list[Held]] = []
        counts: list[Literal] = []
        starts: list[Literal] = []
        log, first = self.region.log, found[0][0]
        turn = next(t for t in first.controls if isinstance(t, Turn) and t.place == place)
        if turn.count is None:
            raise Unlike
        for run in found:
            by_number: dict[int, list[Held]] = {}
            for held in run:
                by_number.setdefault(held.key[1], []).append(replace(held, key=held.key[2:]))
            columns += by_number.values()
            inner += [self._turn(elements, place) for elements in by_number.values()]
            around = controls_around(run[0].controls, place)
            count = self.region.resolver(around, turn.asked).term(turn.count)
            if list(by_number) != list(range(self._number(count, around))):
                raise Unlike
            counts.append(Literal(whole(len(by_number), count, log), "count"))
            if self._is_level(list(by_number.values())):
                self.followed.add((place, around))
            start = self.size(run[0].reads, run[0].controls)
            starts += [] if start is None else [Literal(start, "size")]
        changing: Term | None = None
        numbers = [self._literal(Column("", tuple(counts)), turns)]
        body, sets = self._elements(columns, inner)
        if len(starts) == len(found):
            used = self.used
            numbers.append(self._literal(Column("", tuple(starts)), turns))
            behind = None
            if not sets:
                behind, changing = self._behind(columns, inner, body)
            # A loop within may have set it already, to what is handed on here.
            if behind is not None and behind not in (self.carried, self.set_within):
                last = columns[0][-1]
                value = whole(plain(self.size(last.gives, last.controls)), behind, log)
                numbers.append(Literal(value, "size"))
                self.set_within = behind
                sets = True
            self.used = used
        elif self.used:
            raise Unlike
        self.counts[place] = term_of(counts[0].value)
        brackets = Brackets("()", tuple(numbers))
        loop = Loop(place, turn.index, self.carried.name, brackets, changing, turn.columns)
        return Held("", Holder(LOOP, tuple(body), loop), (place,)), sets

    def _number(self, count: Term, around: tuple[Control, ...]) -> int:
        """How many turns a repeat has, be all of them there or not."""
        return int(value_of(count, self.region.at(turns_of(around))))

    def _is_level(self, turns: Sequence[Sequence[Held]]) -> bool:
        """Whether all turns give the same, so that what stands behind is right for any count."""
        given = [self.region.type_named(elements[-1].gives) for elements in turns]
        types = [None if each is None else seen((each,)) for each in given]
        return types[0] is not None and all(each == types[0] for each in types)

    def _turn(self, elements: Sequence[Held], place: int) -> Turned:
        first = elements[0]
        before = self.size(first.reads, first.controls)
        values = dict(self.region.at(turns_of(first.controls)))
        if before is not None:
            values[self.carried.name] = plain(before)
        return Turned(values, turn_symbol(place), None if before is None else term_of(before))

    def _behind(
        self, columns: Columns, turns: Sequence[Turned], body: Sequence[Held]
    ) -> tuple[Term | None, Term | None]:
        """What a turn hands on, as an expression of what it's handed, and the condition under
        which that is another size; None where there is none, which loses the size.
        """
        sizes = [self.size(elements[-1].gives, elements[-1].controls) for elements in columns]
        behind = self._handed_on(sizes, turns)
        if behind is not None:
            return behind, None
        changes = [
            size is None or turn.before != term_of(size)
            for size, turn in zip(sizes, turns, strict=True)
        ]
        changing = self._telling(changes, turns, body)
        if changing is not None:
            found = [each for each, changed in zip(sizes, changes, strict=True) if changed]
            there = [turn for turn, changed in zip(turns, changes, strict=True) if changed]
            behind = self._handed_on(found, there)
        self.lost = self.lost or behind is None
        return behind, None if behind is None else changing

    def _handed_on(self, sizes: Sequence[Any], turns: Sequence[Turned]) -> Term | None:
        """What turns hand on that give blobs of these sizes; None where it's no one term."""
        if any(size is None for size in sizes):
            return None
        grown = self._grown([term_of(size) for size in sizes], turns)
        if grown is not None:
            return grown
        try:
            found = self._literal(Column("", tuple(Literal(s, "size") for s in sizes)), turns)
        except Unlike:
            return None
        return term_of(found.value)

    def _telling(
        self, changes: Sequence[bool], turns: Sequence[Turned], body: Sequence[Held]
    ) -> Term | None:
        """The condition of the elements that change the size, behind which none asks for it."""
        for number in reversed(range(len(body))):
            conditions = body[number].conditions
            if not conditions:
                continue
            asks = any(self.carried.name in names_in(each) for each in body[number + 1 :])
            told = [value_of(conditions[0], turn.values) for turn in turns]
            if told == list(changes) and not asks:
                return conditions[0]
        return None

    def _grown(self, behind: Sequence[Term], turns: Sequence[Turned]) -> Term | None:
        """What a turn hands on, if each adds the same to what it's handed. An only turn adds if
        that is a part of what it hands on: any size is another one and the difference.
        """
        if len(turns) == 1 and self.carried.name not in names(self._renamed(behind[0], turns[0])):
            return None
        added = [
            simplified("-", term, turn.before)
            for term, turn in zip(behind, turns, strict=True)
            if turn.before is not None
        ]
        if len(added) < len(turns) or len(set(map(python, added))) > 1:
            return None
        return simplified("+", self.carried, added[0])

    def _literal(self, column: Column, turns: Sequence[Turned]) -> Literal:
        """What stands for a literal in each turn; Unlike if nothing does."""
        there = [
            (turn, literal)
            for turn, literal in zip(turns, column.literals, strict=True)
            if literal is not None
        ]
        first = there[0][1]
        if all(literal.omitted for _, literal in there):
            return Literal(first.value, first.field, first.value)
        term = self._agreed(there)
        if term is None:
            raise Unlike
        self.used = self.used or self.carried.name in names(term)
        return Literal(whole(plain(first.value), term, self.region.log), first.field)

    def _agreed(self, there: Sequence[tuple[Turned, Literal]]) -> Term | None:
        """The term that stands in all turns; one in which the size that's handed on has its name;
        or one of them that has the right value in each turn.
        """
        terms = [term_of(literal.value) for _, literal in there]
        if len(there) == 1 and is_open(terms[0]) and there[0][0].before == terms[0]:
            return self.carried  # as in more turns than this one
        texts = set(map(python, terms))
        if len(texts) == 1 and not any(":" in name for name in names(terms[0])):
            return terms[0]
        renamed = [self._renamed(term, turn) for term, (turn, _) in zip(terms, there, strict=True)]
        if len(set(map(python, renamed))) == 1:
            return renamed[0]
        handed = (
            turn.before is not None and turn.before == term
            for term, (turn, _) in zip(terms, there, strict=True)
        )
        if all(handed):
            return self.carried
        for term in (*terms[:2], *renamed[:2]):
            past = any(":" in name for name in names(term))
            if is_open(term) and not past and all(is_value(term, *each) for each in there):
                for name in set().union(*map(names, terms)):
                    self.region.log.fix(Name(0, 0, name))
                return term
        return first_apart(there)

    def _renamed(self, term: Term, turn: Turned) -> Term:
        """The term in which the size that the turn is handed has its name."""
        if turn.before is None or not is_open(turn.before):
            return term
        return replaced(term, turn.before, self.carried)
