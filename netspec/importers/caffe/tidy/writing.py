"""Items to the mappings that a spec has, without wiring that is implied."""

import re
from collections.abc import Sequence
from typing import Any

from netspec.importers.caffe.tidy.items import Item, Ref, name_in
from netspec.layers import CATALOGUE

_NUMBERED = re.compile(r"(.*?)(0|[1-9]\d{0,5})\Z", re.DOTALL)


def written(items: Sequence[Item], first: Sequence[str]) -> list[dict[str, Any]]:
    """The entries of a list whose scope reads `first`, of which the first layer reads the first."""
    previous: list[Ref] = [(name, 0) for name in first[:1]]
    phase: str | None = None
    made = []
    place = 0
    while place < len(items):
        item = items[place]
        count = _repeats(items, place)
        last = items[place + count - 1]
        bottom = _bottom(item, previous, phase)
        made.append(_entry(item, bottom) if count == 1 else _repeated(item, bottom, count))
        previous = [(last, number) for number in range(last.tops)]
        phase = last.phase
        place += count
    return made


def _entry(item: Item, bottom: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"name": item.name}
    if item.reuse is not None:
        made["reuse"] = item.reuse.name
    else:
        made["type"] = item.type
    if bottom is not None:
        made["bottom"] = bottom
    if item.top_names:
        made["top"] = item.top_names if len(item.top_names) > 1 else item.top_names[0]
    made |= item.fields
    if item.param:
        made["param"] = item.param
    if item.phase is not None:
        made["phase"] = item.phase
    if item.allow:
        made["allow"] = item.allow
    return made


def _repeated(item: Item, bottom: Any, count: int) -> dict[str, Any]:
    """An entry for several instances, whose names end in numbers that follow each other."""
    name, start = _numbered(item.name)
    numbered = f"{name}$(i + {start})" if start else f"{name}$i"
    made: dict[str, Any] = {"name": numbered, "type": item.type}
    made["repeat"] = count
    made |= item.fields
    if bottom is not None:
        made["first"] = {"bottom": bottom}
    return made


def _repeats(items: Sequence[Item], place: int) -> int:
    """How many instances from a place on are alike, each reading the one before."""
    first = items[place]
    if not first.inner or _NUMBERED.match(first.name) is None:
        return 1
    name, start = _numbered(first.name)
    count = 1
    for before, item in zip(items[place:], items[place + 1 :], strict=False):
        alike = item.type == first.type and item.fields == first.fields
        if not alike or item.name != f"{name}{start + count}" or item.bottoms != [(before, 0)]:
            break
        count += 1
    return count


def _numbered(name: str) -> tuple[str, int]:
    found = _NUMBERED.match(name)
    assert found is not None
    return found[1], int(found[2])


def _bottom(item: Item, previous: list[Ref], phase: str | None) -> Any:
    """The `bottom` that an item must have; None where it reads what stands before it."""
    if item.reads or not item.bottoms:
        return item.reads or None
    names = [name_in(ref) for ref in item.bottoms]
    alone = len(names) == 1
    joins = item.type in CATALOGUE and CATALOGUE[item.type].bottom_count[1] is None
    if alone and item.bottoms == previous and not joins and phase in (None, item.phase):
        return None
    return names[0] if alone and not joins else names
