"""Items to the mappings that a spec has, without wiring that is implied."""

from collections.abc import Sequence
from typing import Any

from netspec.importers.caffe.tidy.items import Item, Ref
from netspec.layers import CATALOGUE


def written(items: Sequence[Item], first: Sequence[str]) -> list[dict[str, Any]]:
    """The entries of a list whose scope reads `first`, of which the first layer reads the first."""
    previous: list[Ref] = [(name, 0) for name in first[:1]]
    phase: str | None = None
    made = []
    for item in items:
        made.append(_entry(item, _bottom(item, previous, phase)))
        previous = [(item, number) for number in range(item.tops)]
        phase = item.phase
    return made


def _entry(item: Item, bottom: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"name": item.name}
    if item.reuse is not None:
        made["reuse"] = item.reuse.name
    else:
        made["type"] = item.type
    if item.repeat is not None:
        made["repeat"] = item.repeat
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


def _bottom(item: Item, previous: list[Ref], phase: str | None) -> Any:
    """The `bottom` that an item must have; None where it reads what stands before it."""
    if not item.bottoms:
        return None
    names = [ref if isinstance(ref, str) else ref.top(number) for ref, number in item.bottoms]
    alone = len(names) == 1
    joins = item.type in CATALOGUE and CATALOGUE[item.type].bottom_count[1] is None
    if alone and item.bottoms == previous and not joins and phase in (None, item.phase):
        return None
    return names[0] if alone and not joins else names
