"""Repeats whose instances read and give by one rule, so that a loop can call them in turn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netspec.graph import Scope
from netspec.lower.torch.structure.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Read:
    """What the instances read as one of their inputs, a blob each.

    It's `same` in all, or what the instance before gives as result number `carried`, but for the
    first; else each has its own.
    """

    blobs: tuple[str, ...]
    same: bool = False
    carried: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What the instances give as one of their results, a blob each, and what is used behind them:
    what the `last` gives, or what all give, as they are `gathered`.
    """

    blobs: tuple[str, ...]
    last: bool
    gathered: bool


@dataclass(frozen=True, slots=True)
class Repeat:
    """The inputs and results of the instances of a repeat."""

    count: int
    reads: tuple[Read, ...]
    gives: tuple[Given, ...]

    @property
    def carried(self) -> frozenset[int]:
        """The results that one instance hands on to the next."""
        return frozenset(each.carried for each in self.reads if each.carried is not None)

    @property
    def is_level(self) -> bool:
        """Whether nothing hangs on how many instances there are, or on which of them it is."""
        alike = all(each.same or each.carried is not None for each in self.reads)
        return alike and not any(each.gathered for each in self.gives)


def repeat_of(scope: Scope, wiring: Wiring) -> Repeat | None:
    """The rule by which the instances of a repeat are wired; None where there is none, as for an
    only instance: it doesn't show what it would read behind another.
    """
    if not scope.repeat or len(scope.members) < 2 or not wiring.contiguous(scope):
        return None
    if any(m.phase not in (None, scope.phase) or not wiring.nodes(m) for m in scope.members):
        return None
    borders = [wiring.interface(member) for member in scope.members]
    if len({(len(border.inputs), len(border.outputs)) for border in borders}) > 1:
        return None
    results = list(zip(*(border.outputs for border in borders), strict=True))
    reads = [_read(each, results) for each in zip(*(b.inputs for b in borders), strict=True)]
    gives = [_given(each, scope, wiring) for each in results]
    made = {blob.name for node in wiring.nodes(scope) for blob in node.tops}
    found_reads = tuple(each for each in reads if _comes_from_around(each, made))
    found_gives = tuple(each for each in gives if each is not None)
    if len(found_reads) < len(reads) or len(found_gives) < len(gives):
        return None
    if not any(each.last or each.gathered for each in found_gives):
        return None
    return Repeat(len(borders), found_reads, found_gives)


def _read(blobs: tuple[str, ...], results: Sequence[tuple[str, ...]]) -> Read:
    for number, given in enumerate(results):
        if blobs[1:] == given[:-1]:
            return Read(blobs, carried=number)
    return Read(blobs, same=len(set(blobs)) == 1)


def _comes_from_around(read: Read, made: set[str]) -> bool:
    return made.isdisjoint(read.blobs[:1] if read.carried is not None else read.blobs)


def _given(blobs: tuple[str, ...], scope: Scope, wiring: Wiring) -> Given | None:
    """A result of the instances; None where some are used that aren't gathered."""
    used = [wiring.leaves(blob, scope) for blob in blobs]
    if not any(used[:-1]):
        return Given(blobs, used[-1], gathered=False)
    return Given(blobs, used[-1], gathered=True) if _are_gathered(blobs, scope, wiring) else None


def _are_gathered(blobs: Sequence[str], scope: Scope, wiring: Wiring) -> bool:
    """Whether one layer reads all of these, or the instances of another repeat."""
    readers = [set(_reading(blob, scope, wiring)) for blob in blobs]
    return bool(set.intersection(*readers))


def _reading(blob: str, scope: Scope, wiring: Wiring) -> Iterator[str]:
    """The paths of the layers behind a repeat that read a blob, and of the repeats around them."""
    for path in wiring.reading(blob):
        if not path.startswith(f"{scope.path}."):
            yield path
            yield from wiring.repeats_around(path)
