"""A loop of a `forward`: the instances of a repeat, called one after the other."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from netspec.graph import Scope
from netspec.lower.torch.python.names import singular
from netspec.lower.torch.structure.repeats import Read, Repeat
from netspec.lower.torch.structure.wiring import Member, Wiring

Lists: TypeAlias = Mapping[str, Sequence[str]]
"""The blobs that lists hold, by the name that stands for a list among those of blobs."""


@dataclass(frozen=True, slots=True)
class Same:
    """An operand that is the same in all turns: the step's input at this place."""

    at: int


@dataclass(frozen=True, slots=True)
class Carried:
    """The result of this number of the turn before; in the first turn the input at this place."""

    at: int
    result: int


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the list that is the input at this place: that of number `first` in the first
    turn, a negative one if it goes backwards.
    """

    at: int
    first: int


@dataclass(frozen=True, slots=True)
class Own:
    """Inputs from this place on, one for each turn."""

    at: int
    count: int
    name: str


@dataclass(frozen=True, slots=True)
class Give:
    """What of the results of this number is used behind the loop: that of the last turn; if they
    are kept in a list, the list or an `item` of it.
    """

    result: int
    kept: bool = False
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """How the elements of a container are called, and what comes of it.

    `modules` is the expression of the container, `element` what one of them is called, `results`
    what each gives.
    """

    modules: str
    element: str
    operands: tuple[Same | Carried | Item | Own, ...]
    results: tuple[str, ...]
    gives: tuple[Give, ...]


def list_name(scope: Scope, result: int) -> str:
    """The name of the list of all results of this number."""
    return f"{scope.path}.*{result}"


def lists_of(scope: Scope, repeat: Repeat) -> Iterator[tuple[str, Sequence[str]]]:
    """The lists that a loop keeps."""
    for number, each in enumerate(repeat.gives):
        if each.gathered:
            yield list_name(scope, number), each.blobs


def listed(blobs: Sequence[str], lists: Lists) -> Iterator[tuple[str, bool]]:
    """What a layer reads, with the name of a list for all that it holds, and whether it's one."""
    at = 0
    while at < len(blobs):
        found = ((name, len(x)) for name, x in lists.items() if [*blobs[at : at + len(x)]] == [*x])
        name, count = next(found, ("", 0))
        yield (name, True) if count else (blobs[at], False)
        at += count or 1


class Operands:
    """The inputs of a loop as a step, and what its elements read of them."""

    def __init__(self, scope: Scope, repeat: Repeat, lists: Lists) -> None:
        self.inputs: list[str] = []
        found = [self._operand(each, n, scope, lists) for n, each in enumerate(repeat.reads)]
        self.operands = tuple(found)

    def _operand(
        self, read: Read, number: int, scope: Scope, lists: Lists
    ) -> Same | Carried | Item | Own:
        at = len(self.inputs)
        if read.same or read.carried is not None:
            self.inputs.append(read.blobs[0])
            return Same(at) if read.carried is None else Carried(at, read.carried)
        for name, blobs in lists.items():
            first = _first(read.blobs, blobs)
            if first is not None:
                self.inputs.append(name)
                return Item(at, first)
        self.inputs += read.blobs
        return Own(at, len(read.blobs), _input_name(scope.members[0], number))


def _first(read: Sequence[str], kept: Sequence[str]) -> int | None:
    """The number of the first of these in a list that has all, in its order or backwards."""
    for blobs, sign in ((kept, 1), ([*reversed(kept)], -1)):
        if read[0] in blobs:
            first = blobs.index(read[0])
            if [*blobs[first : first + len(read)]] == [*read]:
                return first if sign > 0 else -1 - first
    return None


def _input_name(member: Member, number: int) -> str:
    names = member.input_names if isinstance(member, Scope) else ()
    return names[number] if number < len(names) else "y"


def used(scope: Scope, repeat: Repeat, read: Collection[str]) -> Iterator[tuple[str, Give]]:
    """What is used of a loop's results, by the names of the blobs and lists that are read."""
    last = repeat.count - 1
    for number, each in enumerate(repeat.gives):
        if each.gathered and list_name(scope, number) in read:
            yield list_name(scope, number), Give(number, kept=True)
        items = [at for at, blob in enumerate(each.blobs) if blob in read]
        for at in items:
            if at == last and (number in repeat.carried or not each.gathered):
                yield each.blobs[at], Give(number)
            else:
                yield each.blobs[at], Give(number, kept=True, item=-1 if items == [last] else at)


def element_name(scope: Scope) -> str:
    """What one of a repeat's instances is called."""
    if not scope.name.isdecimal():
        return singular(scope.name) or scope.name
    member = scope.members[0]
    return (member.block if isinstance(member, Scope) else None) or "layer"


def result_names(scope: Scope, wiring: Wiring) -> tuple[str, ...]:
    """What the results of a turn are called."""
    member = scope.members[0]
    outputs = wiring.interface(member).outputs
    if len(outputs) == 1:
        return (element_name(scope),)
    named: dict[str, str] = {}
    if isinstance(member, Scope):
        called = (blob.name for blob in member.outputs)
        named = dict(zip(called, member.output_names, strict=False))
    lasts = (named.get(blob) or blob.rpartition(".")[2] for blob in outputs)
    return tuple(f"{element_name(scope)}_{n}" if n.isdecimal() else n for n in lasts)
