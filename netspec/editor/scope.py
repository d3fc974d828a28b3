"""What names can be seen from a place of a spec, as it was last read."""

from collections.abc import Iterator
from dataclasses import dataclass

from netspec.editor.areas import Area, inputs_of
from netspec.editor.occurrences import Occurrences
from netspec.editor.shown import shapes_of_all
from netspec.language.document import Entry


@dataclass(frozen=True, slots=True)
class Seen:
    """A name that can be seen: what it is, and a word on that."""

    name: str
    kind: str
    detail: str = ""


def blobs(names: Occurrences, offset: int, block: str | None, outer: str) -> Iterator[Seen]:
    """What a bottom at an offset could name, in a block or the network's own layers, the nearest
    first; with `outer` what stands within that.
    """
    area, before = _area_at(names, offset, block)
    if area is None:
        return
    if outer:
        yield from _within(names, area, before, tuple(outer.split(".")))
        return
    around: Area | None = area
    while around is not None:
        for named in reversed(around.names):
            if named.at < before and not named.dynamic:
                yield Seen(named.parts[0], "layer", _detail(names, named.entry))
        yield from (Seen(name, "input", "input") for name in inputs_of(around, names.document))
        before, around = around.at, around.parent
    yield Seen("input", "input", "what the scope reads")
    yield Seen("previous", "input", "what stands before")


def values(names: Occurrences, offset: int, block: str | None) -> Iterator[Seen]:
    """The values that an expression at an offset could read."""
    entry = names.snapshot.entry_at(offset)
    spot = None if entry is None else names.areas.spots[id(entry)]
    for each in () if entry is None or spot is None else (*spot.around, entry):
        if each.repeats:
            yield Seen(each.index, "index", "number of the instance")
            yield from (Seen(column, "column", "column") for column in each.columns)
    defined = names.document.blocks.get(block or "")
    for name, arg in {} if defined is None else defined.args.items():
        yield Seen(name, "arg", str(arg.node.plain()))
    for name, var in names.document.vars.items():
        yield Seen(name, "var", str(var.node.plain()))


def _within(names: Occurrences, area: Area, before: int, path: tuple[str, ...]) -> Iterator[Seen]:
    """What stands within what a path names."""
    step = names.areas.walk(area, before, path)[-1]
    if step is None:  # the number of an instance: what stands within each
        step = names.areas.walk(area, before, path[:-1])[-1] if len(path) > 1 else None
        if step is None:
            return
    named, number = step
    if number + 1 < len(named.parts):
        for each in named.area.names:
            if each.parts[: number + 1] == named.parts[: number + 1] != each.parts:
                yield Seen(each.parts[number + 1], "layer", _detail(names, each.entry))
        return
    inner = names.areas.within(named)
    if named.entry.repeats and path[-1] == named.parts[-1]:
        yield Seen("*", "layer", "all instances")
        made = names.snapshot.made_of(named.entry)
        yield from (Seen(str(n), "layer", "instance") for n in range(min(len(made), 100)))
    elif inner is not None:
        for each in inner.names:
            if not each.dynamic:
                yield Seen(each.parts[0], "layer", _detail(names, each.entry))


def _detail(names: Occurrences, entry: Entry) -> str:
    """The type and the shapes of an entry."""
    given = entry.fields.get("type")
    kind = "group" if given is None else str(given.node.plain())
    shapes = shapes_of_all(names.snapshot.made_of(entry))
    return f"{kind}, {shapes}" if shapes else kind


def _area_at(names: Occurrences, offset: int, block: str | None) -> tuple[Area | None, int]:
    """The list of entries around an offset, and how many of them stand before it."""
    area = names.areas.root if block is None else names.areas.blocks.get(block)
    if area is None:
        return None, 0
    ends = {id(entry): (start, end) for start, end, entry in names.snapshot.entries}
    while True:
        before = sum(ends.get(id(each), (offset, 0))[0] < offset for each in area.entries)
        last = area.entries[before - 1] if before else None
        if last is None or offset > ends[id(last)][1]:
            return area, before
        if before - 1 not in area.inner:
            return area, before - 1  # what the cursor stands in isn't before it
        area = area.inner[before - 1]
