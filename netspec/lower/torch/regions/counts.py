"""The counts of repeats: which stay open, since the code is right for any."""

from collections.abc import Iterator

from netspec.expressions.syntax import names
from netspec.graph import Scope
from netspec.graph.tree import ends
from netspec.graph.written import Condition, Control, Turn, Written
from netspec.lower.torch.regions.opened import seen
from netspec.lower.torch.regions.region import Around, Region, within
from netspec.lower.torch.structure.repeats import repeat_of
from netspec.lower.torch.structure.wiring import Member, Wiring
from netspec.lower.torch.terms.symbols import turn_symbol, turns_of
from netspec.lower.torch.terms.terms import (
    Opaque,
    Term,
    constant,
    is_open,
    substituted,
    value_of,
)


def note_counts(region: Region, wiring: Wiring) -> None:
    """Note what the counts of repeats hang on, and which of these are right for any count."""
    repeats = {
        (scope.written.place, scope.written.controls): scope
        for scope in within(region.scope)
        if scope.repeat and scope.written is not None
    }
    for around, turn in region.turns.items():
        controls = around[1]
        assert turn.count is not None
        try:
            term = region.resolver(controls, turn.asked).term(turn.count)
        except Opaque:
            region.fix_names(turn.count, controls)
            continue
        if not is_open(term):
            continue
        if any(_asks(term, outer) for outer in region.counts if outer in _outer(controls)):
            region.log.fix(term)
            continue
        numbers = {turn_symbol(p): constant(number) for p, number in turns_of(controls).items()}
        count = region.counts[around] = substituted(term, numbers)
        repeat = repeats.get(around)
        # Of a part of a network not all turns need be there.
        is_whole = repeat is not None and value_of(count, region.values) == len(repeat.members)
        if repeat is not None and is_whole and settles(region, repeat, wiring):
            region.settled[repeat.path] = around


def _outer(controls: tuple[Control, ...]) -> set[Around]:
    """The repeats among these controls."""
    return {
        (each.place, controls[:at]) for at, each in enumerate(controls) if isinstance(each, Turn)
    }


def _asks(term: Term, around: Around) -> bool:
    """Whether a term asks for the number of a repeat's turn."""
    return turn_symbol(around[0]) in names(term)


def settles(region: Region, repeat: Scope, wiring: Wiring) -> bool:
    """Whether a repeat gives the same for any count: each instance gives what the first one does,
    all behind it read just that and what is the same for all, and none asks for its number. An only
    instance reads what it gives.
    """
    rule = repeat_of(repeat, wiring)
    blobs = [ends(member)[1] for member in repeat.members]
    if len(blobs) == 1:
        blobs.append(ends(repeat.members[0])[0])
    elif rule is None or not rule.is_level:
        return False
    first, *others = [seen(tuple(map(region.type_of, each))) for each in blobs]
    return all(each == first for each in others) and not any(map(_reads_index, repeat.members))


def _reads_index(member: Member) -> bool:
    """Whether a turn of a repeat reads the turn's number."""
    if member.written is None:
        return True
    turn = next(each for each in reversed(member.written.controls) if isinstance(each, Turn))
    return any(not turn.names.isdisjoint(read) for read in _reads(member))


def _reads(member: Member) -> Iterator[set[str]]:
    """The names that a member's expressions read, those of a group's members among them."""
    written = member.written
    if written is not None:
        for said in (*written.fields.values(), *written.fixed):
            yield set() if said is None else names(said)
        for each in written.controls:
            yield names(each.formula) if isinstance(each, Condition) else set()
    if isinstance(member, Scope) and member.block is None:
        for inner in member.members:
            yield from _reads(inner)
        for absent in member.absent:
            if isinstance(absent, Written):
                yield from (set() if s is None else names(s) for s in absent.fields.values())
