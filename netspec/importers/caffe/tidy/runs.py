"""Runs of entries that do the same.

A run can be a block if all that it reads from outside is one blob and only what its last layer
gives is read outside. Runs are the same if their layers have the same types and wiring; numbers
may differ. Of all that stand in several places those are taken first that save most lines.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any

from netspec.importers.caffe.tidy.args import columns
from netspec.importers.caffe.tidy.calling import stem
from netspec.importers.caffe.tidy.items import Item, Ref

LEAST, MOST = 3, 48
"""Layers of a block."""
MAX_ARGS = 8
MAX_ITEMS = 5_000
"""Longer networks are left flat: looking for runs takes their length times MOST."""

_PLAIN = (bool, int, float, str)
_TELLING = ("kernel_size",)


@dataclass
class Run:
    """A run of some length, and where it stands."""

    length: int
    starts: list[int] = field(default_factory=list)
    leads: bool = False

    @property
    def saved(self) -> int:
        """The lines that a block saves, which takes as many itself and three more."""
        return (self.length - 1) * len(self.starts) - self.length - 3 + self.leads


def chosen(items: Sequence[Item], results: Sequence[Ref]) -> list[Run]:
    """The runs that become blocks, none over another."""
    if len(items) > MAX_ITEMS:
        return []
    runs = _every(items, results)
    for run in runs:
        run.starts = _stages(run, items)
    waiting = [(-run.saved, number) for number, run in enumerate(runs) if run.saved > 0]
    heapify(waiting)
    taken = [False] * len(items)
    found = []
    while waiting:
        before, number = heappop(waiting)
        run = runs[number]
        run.starts = list(_apart(run, taken))
        if -run.saved > before:
            if run.saved > 0:
                heappush(waiting, (-run.saved, number))
            continue
        parts = [items[start : start + run.length] for start in run.starts]
        if len(run.starts) < 2 or len(columns(parts)) > MAX_ARGS:
            continue
        for start in run.starts:
            taken[start : start + run.length] = [True] * run.length
        found.append(run)
    return sorted(found, key=lambda run: run.starts[0])


def _apart(run: Run, taken: Sequence[bool]) -> Iterator[int]:
    """The places of a run that don't overlap, with one another or with what is taken."""
    end = -1
    for start in run.starts:
        if start >= end and not any(taken[start : start + run.length]):
            yield start
            end = start + run.length


def _stages(run: Run, items: Sequence[Item]) -> list[int]:
    """The places of a run. One of blocks alone is a stage of a network, of which there is no sign
    but that what stands in it is called alike, as `res2a` and `res2b` are, and nothing else is.
    """
    first = run.starts[0]
    if not all(item.inner for item in items[first : first + run.length]):
        return run.starts
    stems = [stem([each.name for each in items[s : s + run.length]]) for s in run.starts]
    counts = Counter(stems)
    found = []
    for start, each in zip(run.starts, stems, strict=True):
        around = [*items[start - 1 : start], *items[start + run.length : start + run.length + 1]]
        whole = all(stem([item.name, items[start].name]) != each for item in around)
        if each and counts[each] == 1 and whole:
            found.append(start)
    return found


def _every(items: Sequence[Item], results: Sequence[Ref]) -> list[Run]:
    """All runs that could be blocks, with all the places where each stands."""
    places = {item: number for number, item in enumerate(items)}
    reads = [[(_place(ref, places), ref) for ref in item.bottoms] for item in items]
    uses = _last_uses(items, places, results)
    keys = [_key(item) for item in items]
    numbers: dict[Any, int] = {}
    found: dict[int, Run] = {}
    for start in range(len(items)):
        shape, outside, latest = 0, None, -1
        joined = cut = behind = False
        leads, leaves = items[start].learns, 0
        for place in range(start, min(start + MOST, len(items))):
            wiring = []
            for maker, ref in reads[place]:
                outside = ref if outside is None and maker < start else outside
                if maker < start and ref != outside:
                    break
                wiring.append((place - maker, ref[1]) if maker >= start else (0, 0))
            if keys[place] is None or len(wiring) < len(reads[place]):
                break
            item = items[place]
            # Branches that have come together are a block, and what learns behind them another.
            cut = cut and (0, 0) not in wiring
            behind = cut and (behind or item.learns)
            shape = numbers.setdefault((shape, keys[place], *wiring), len(numbers) + 1)
            leaves += item.leaves
            joined = joined or len(wiring) > 1
            ends = latest <= place and item.tops == 1 and outside is not None
            cut = cut or (ends and joined)
            # From one ReLU to the next is a block and a half.
            laps = keys[place] == keys[start] and not item.learns
            if ends and not behind and not laps and leaves >= LEAST:
                found.setdefault(shape, Run(place - start + 1, leads=leads)).starts.append(start)
            latest = max(latest, uses[place])
    return [run for run in found.values() if len(run.starts) > 1]


def _place(ref: Ref, places: dict[Item, int]) -> int:
    return places[ref[0]] if isinstance(ref[0], Item) else -1


def _last_uses(items: Sequence[Item], places: dict[Item, int], results: Sequence[Ref]) -> list[int]:
    """The last place where what each item gives is read; behind the end for a result."""
    found = [-1] * len(items)
    for number, item in enumerate(items):
        for ref in item.bottoms:
            if isinstance(ref[0], Item):
                found[places[ref[0]]] = number
    for ref in results:
        if isinstance(ref[0], Item):
            found[places[ref[0]]] = len(items)
    return found


def _key(item: Item) -> Any:
    """What an item must have in common with others to be the same layer of a block; None for one
    that can't be in one.
    """
    special = item.phase is not None or item.reuse is not None or item.allow or item.given
    shared = any("name" in each for each in item.param or ())
    if special or shared or item.reads or not item.bottoms:
        return None
    return kind_of(item)


def kind_of(item: Item) -> Any:
    """What a layer says itself that no arg of a block says."""
    fixed = [(name, repr(each)) for name, each in item.fields.items() if not _is_open(item, name)]
    grouped = "group" in item.fields
    return item.type, tuple(sorted(fixed)), grouped, repr(item.param), item.tops


def _is_open(item: Item, name: str) -> bool:
    """Whether a field may be another in another instance: a number, a word or sizes, of which
    every layer of the type has some. A window's size tells layers apart, as a reader does.
    """
    value = item.fields[name]
    if name in _TELLING:
        return False
    sizes = isinstance(value, list) and all(isinstance(each, int) for each in value)
    return (isinstance(value, _PLAIN) or sizes) and isinstance(item.defaults.get(name), _PLAIN)
