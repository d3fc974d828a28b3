"""One class for scopes whose bodies differ by conditions that the spec states, and in numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Protocol

from netspec.graph import Scope
from netspec.lower.torch.classes.body import SEQUENTIAL, Body, Held, Holder, Key, Loop, Placed
from netspec.lower.torch.classes.closing import closed
from netspec.lower.torch.code import Expr, Literal, Name, literals, with_literals
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.python.marks import mark
from netspec.lower.torch.regions.region import Region
from netspec.lower.torch.structure.steps import Step
from netspec.lower.torch.terms.terms import Opaque, Term, both, value_of

LOOP = "for"
"""The kind of what holds the elements that a loop gives."""


class Unlike(Exception):
    """Bodies differ in what no condition of the spec tells apart."""


@dataclass(frozen=True, slots=True)
class Column:
    """A literal in each candidate, None where that lacks it, and the member in whose constructor
    it stands. Without a member it stands in `forward`.
    """

    member: str
    literals: tuple[Literal | None, ...]

    @property
    def there(self) -> list[Literal]:
        return [literal for literal in self.literals if literal is not None]


class Valued(Protocol):
    """Who can tell the values of symbols."""

    @property
    def values(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A scope that asks for a class, and what it asks for."""

    scope: Scope
    region: Region
    body: Body


@dataclass(frozen=True, slots=True)
class Merged:
    """A member of all candidates, or of those for which the condition holds.

    `values` are what constructs it in each, None where it isn't there; of a container, whose `kind`
    isn't empty, `inner` are the members.
    """

    name: str
    key: Key
    values: tuple[Expr | None, ...]
    present: tuple[bool, ...] = ()
    kind: str = ""
    inner: "tuple[Merged, ...]" = ()
    condition: Term | None = None
    loop: Loop | None = None
    label: tuple[str | Term, ...] = ()

    @property
    def optional(self) -> bool:
        return self.condition is not None


@dataclass(frozen=True, slots=True)
class MergedStep:
    """A step of `forward`, what it computes in each candidate that has it, and the blobs."""

    step: Step
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    conditions: tuple[Term, ...] | None
    values: tuple[Expr | None, ...]

    @property
    def present(self) -> tuple[bool, ...]:
        return tuple(value is not None for value in self.values)


def hollow(expr: Expr) -> str:
    """The expression with holes for its literals: the same for those that differ in these alone.

    All arguments count, those left out for being defaults too.
    """
    return flat(with_literals(expr, repeat(Name("_"))))


def merged_held(
    columns: Sequence[tuple[Held, ...] | None],
    regions: Sequence[Valued],
    numbered: bool,
    looped: bool = False,
) -> tuple[Merged, ...]:
    """The members of several bodies, one after the other; Unlike where they can't be told apart.

    `numbered` says that names are mere numbers in the order of the members, `looped` that a loop
    gives them: all of their conditions are then those of turns.
    """
    there = [column for column in columns if column is not None]
    orders = {tuple((held.key, held.name) for held in column) for column in there}
    if len(orders) == 1:
        rows = [[None if c is None else c[at] for c in columns] for at in range(len(there[0]))]
    else:
        rows = _by_key(columns)
    return tuple(_merged_row(row, columns, regions, numbered, looped) for row in rows)


def _by_key(columns: Sequence[tuple[Held, ...] | None]) -> list[list[Held | None]]:
    rows: dict[Key, list[Held | None]] = {}
    ranks: dict[Key, int] = {}
    for number, column in enumerate(columns):
        for held in column or ():
            row = rows.setdefault(held.key, [None] * len(columns))
            if row[number] is not None or not held.key:
                raise Unlike
            row[number] = held
            ranks[held.key] = held.rank
    return [rows[key] for key in sorted(rows, key=lambda key: (ranks[key], key))]


def _merged_row(
    row: Sequence[Held | None],
    columns: Sequence[tuple[Held, ...] | None],
    regions: Sequence[Valued],
    numbered: bool,
    looped: bool,
) -> Merged:
    there = [held for held in row if held is not None]
    first = there[0]
    if not numbered and any(held.name != first.name for held in there):
        raise Unlike
    pairs = list(zip(row, columns, strict=True))
    present = tuple(held is not None for held in row)
    condition = None
    if any(held is None and column is not None for held, column in pairs):
        asked = [None if column is None else held is not None for held, column in pairs]
        condition = told(first.conditions, asked, regions)
    elif looped and any(held.conditions for held in there):
        condition = _same_condition(there)
    holders = [held.value for held in there if isinstance(held.value, Holder)]
    label = first.label if numbered else ()
    if label and any(held.label != label for held in there):
        raise Unlike
    if not holders:
        values = tuple(None if held is None else _expr(held) for held in row)
        if len({hollow(value) for value in values if value is not None}) > 1:
            raise Unlike
        return Merged(first.name, first.key, values, present, condition=condition, label=label)
    kinds = {holder.kind for holder in holders}
    if len(holders) < len(there) or len(kinds) > 1:
        raise Unlike
    (kind,) = kinds
    if kind == LOOP:
        return _merged_loop(row, regions, condition)
    inside = [
        held.value.held if held is not None and isinstance(held.value, Holder) else None
        for held in row
    ]
    inner = merged_held(inside, regions, kind == SEQUENTIAL, looped)
    if kind != SEQUENTIAL and any(each.optional for each in inner):
        raise Unlike
    nothing = (None,) * len(row)
    return Merged(first.name, first.key, nothing, present, kind, inner, condition, label=label)


def _merged_loop(
    row: Sequence[Held | None], regions: Sequence[Valued], condition: Term | None
) -> Merged:
    """A loop of all candidates, over what's alike in all of them."""
    holders = [held.value if held is not None else None for held in row]
    loops = [each.loop for each in holders if isinstance(each, Holder) and each.loop is not None]
    same = {
        (loop.place, loop.index, loop.carried, len(loop.numbers.items), loop.changing)
        for loop in loops
    }
    if len(same) > 1:
        raise Unlike
    numbers = tuple(
        each.loop.numbers if isinstance(each, Holder) and each.loop is not None else None
        for each in holders
    )
    inside = [each.held if isinstance(each, Holder) else None for each in holders]
    inner = merged_held(inside, regions, numbered=True, looped=True)
    present = tuple(held is not None for held in row)
    first = next(held for held in row if held is not None)
    return Merged(first.name, first.key, numbers, present, LOOP, inner, condition, loops[0])


def held_columns(members: Sequence[Merged], within: str) -> Iterator[Column]:
    """The literals of members, in the order in which they are written."""
    for member in members:
        name = within or member.name or LOOP
        if not member.kind or member.loop is not None:
            yield from columns(name, member.values)
        yield from held_columns(member.inner, name)


def columns(member: str, values: Sequence[Expr | None]) -> Iterator[Column]:
    """The literals of an expression in each candidate, side by side."""
    found = [None if value is None else list(literals(value)) for value in values]
    count = max(len(each) for each in found if each is not None)
    for number in range(count):
        yield Column(member, tuple(None if each is None else each[number] for each in found))


def _expr(held: Held) -> Expr:
    if isinstance(held.value, Holder):
        raise Unlike
    return held.value


def told(
    conditions: tuple[Term, ...] | None,
    present: Sequence[bool | None],
    regions: Sequence[Valued],
) -> Term:
    """The condition that tells who has something; Unlike if there is none.

    None is who isn't asked.
    """
    term = both(conditions) if conditions is not None else None
    if term is None:
        raise Unlike
    for own, region in zip(present, regions, strict=True):
        try:
            if own is not None and value_of(term, region.values) is not own:
                raise Unlike
        except Opaque:
            raise Unlike from None
    return term


def _same_condition(there: Sequence[Held]) -> Term | None:
    """The condition of a turn, the same in all candidates; Unlike if it isn't."""
    first, *others = there
    if first.conditions is None or any(held.conditions != first.conditions for held in others):
        raise Unlike
    return both(first.conditions)


@dataclass(frozen=True, slots=True)
class MergedForward:
    """A `forward` of several bodies.

    `instead` are the blobs that stand for those of steps which some candidates lack.
    """

    steps: tuple[MergedStep, ...]
    results: tuple[str, ...]
    instead: Mapping[str, str]


def merged_forward(bodies: Sequence[Body]) -> MergedForward:
    """The steps of several bodies, one after the other; Unlike where they can't be one's."""
    if len({(body.inputs, body.needs, len(body.results)) for body in bodies}) > 1:
        raise Unlike
    rows = _rows(bodies)
    makers: dict[str, int] = {}
    for number, row in enumerate(rows):
        model = next(placed for placed in row if placed is not None)
        makers |= dict.fromkeys(model.outputs, number)
    reading = _Reading(makers)
    steps = tuple(_merged_step(row, reading) for row in rows)
    results = tuple(map(reading.of, zip(*(body.results for body in bodies), strict=True)))
    found = MergedForward(steps, results, reading.instead)
    for number, body in enumerate(bodies):
        _check(found, body, number)
    return found


@dataclass(slots=True)
class _Reading:
    """What stands for a blob that isn't there: `makers` are the numbers of the steps."""

    makers: Mapping[str, int]
    instead: dict[str, str] = field(default_factory=dict)

    def of(self, blobs: Iterable[str]) -> str:
        """The blob that is meant where some bodies read another for want of it: the last made."""
        last, *others = sorted(set(blobs), key=lambda blob: -self.makers.get(blob, -1))
        whole = last
        for other in others:
            if self.instead.setdefault(last, other) != other:
                raise Unlike
            last = other
        return whole


def _identity(placed: Placed) -> object:
    """What is the same step in several bodies: a member's name, or where a nameless one stands."""
    last = placed.step.name.rpartition(".")[2]
    return placed.key if last.isdecimal() else placed.step.name


def _rows(bodies: Sequence[Body]) -> list[list[Placed | None]]:
    orders = {tuple(map(_identity, body.steps)) for body in bodies}
    if len(orders) == 1:
        return [[body.steps[at] for body in bodies] for at in range(len(bodies[0].steps))]
    rows: dict[object, list[Placed | None]] = {}
    keys: dict[object, Key] = {}
    for number, body in enumerate(bodies):
        for placed in body.steps:
            same = _identity(placed)
            row = rows.setdefault(same, [None] * len(bodies))
            if row[number] is not None or placed.step.condition:
                raise Unlike
            row[number] = placed
            keys.setdefault(same, placed.key)
    return [rows[same] for same in sorted(rows, key=lambda each: keys[each])]


def _merged_step(row: Sequence[Placed | None], reading: _Reading) -> MergedStep:
    there = [placed for placed in row if placed is not None]
    values = tuple(None if placed is None else template(placed) for placed in row)
    same = {
        (hollow(value), placed.outputs, len(placed.inputs), placed.step.is_scope, placed.step.loop)
        for value, placed in zip(values, row, strict=True)
        if value is not None and placed is not None
    }
    if len(same) > 1:
        raise Unlike
    inputs = tuple(map(reading.of, zip(*(placed.inputs for placed in there), strict=True)))
    return MergedStep(there[0].step, inputs, there[0].outputs, there[0].conditions, values)


def template(placed: Placed) -> Expr:
    """What a step computes of operands for which marks stand."""
    marks = [mark(number) for number in range(placed.step.arity)]
    value: Expr = closed(placed.step.apply(marks), placed.turns)
    return value


def _check(found: MergedForward, body: Body, number: int) -> None:
    """See to it that a body reads what the merged steps give it."""
    own = {placed.outputs: placed for placed in body.steps}
    made = {*body.inputs, *body.tensors, *(blob for each in body.steps for blob in each.outputs)}

    def read(blob: str) -> str:
        while blob not in made:
            if blob not in found.instead:
                raise Unlike
            blob = found.instead[blob]
        return blob

    for step in found.steps:
        is_there = step.values[number] is not None
        if is_there and tuple(map(read, step.inputs)) != own[step.outputs].inputs:
            raise Unlike
    if tuple(map(read, found.results)) != body.results:
        raise Unlike
