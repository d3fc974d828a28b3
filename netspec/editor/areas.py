"""Lists of entries and what a path means in them, told from the text alone.

It is what `elaborate` does with an instance at hand, for entries whose instances can't be had: a
spec that is being written has a mistake most of the time.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from netspec.language.document import Block, Document, Entry
from netspec.language.names import is_plain_number
from netspec.language.values import Dynamic, Field
from netspec.source import Scalar, Sequence

MAX_PATTERNS = 200
"""How many names of a list that hold expressions are looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A name that an entry gives: of its layer, or of one of its tops, in `area`'s list.

    `parts` are its own; of a name with expressions they are patterns, `*` for each of these. `at`
    is the number of its entry there.
    """

    entry: Entry
    scalar: Scalar
    parts: tuple[str, ...]
    at: int
    area: "Area"
    dynamic: bool = False

    def agrees(self, path: tuple[str, ...]) -> bool:
        """Whether a path, as far as both go, may be the name."""
        pairs = zip(self.parts, path, strict=False)
        return all(_is_like(asked, own) for own, asked in pairs)


def _is_like(text: str, pattern: str) -> bool:
    """Whether a text has all that a pattern says, in order: in one pass, whatever it says."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *middle, last = rest
    if not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for each in middle:
        at = text.find(each, at, end)
        if at < 0:
            return False
        at += len(each)
    return at < end


Step: TypeAlias = tuple[Named, int]
"""What a part of a path names, and which part of that name it is."""


@dataclass(frozen=True, eq=False)
class Area:
    """A list of entries, with those of its groups that open no scope, and what stands around it.

    `block` is the block whose body it is a part of, `holder` the group whose body it is, which
    stands as number `at` in the list `parent`.
    """

    entries: tuple[Entry, ...]
    block: Block | None
    parent: "Area | None" = None
    holder: Entry | None = None
    at: int = 0
    inner: "dict[int, Area]" = field(default_factory=dict)

    @cached_property
    def names(self) -> tuple[Named, ...]:
        """What its entries are called, in order."""
        found: list[Named] = []
        for at, entry in enumerate(self.entries):
            for key in ("name", "top"):
                given = entry.fields.get(key)
                if given is not None:
                    made = (_named(entry, each, at, self) for each in _texts(given))
                    found += [each for each in made if each is not None]
        return tuple(found)

    @cached_property
    def _whole(self) -> Mapping[tuple[str, ...], list[Named]]:
        """The names without expressions by all of their parts, in order."""
        found: dict[tuple[str, ...], list[Named]] = {}
        for each in self.names:
            if not each.dynamic:
                found.setdefault(each.parts, []).append(each)
        return found

    @cached_property
    def _beginnings(self) -> Mapping[tuple[str, ...], list[Named]]:
        """Those of several parts by what they begin with."""
        found: dict[tuple[str, ...], list[Named]] = {}
        for each in self.names:
            for count in range(1, len(each.parts)) if not each.dynamic else ():
                found.setdefault(each.parts[:count], []).append(each)
        return found

    @cached_property
    def _patterns(self) -> list[Named]:
        return [each for each in self.names if each.dynamic][:MAX_PATTERNS]

    def called(self, path: tuple[str, ...], before: int) -> tuple[Named, int] | None:
        """The last name before an entry that a path names or begins with, and how many of its parts
        that takes.
        """
        for count in range(len(path), 0, -1):
            named = _last(self._whole.get(path[:count]), before)
            if named is None and count == len(path):
                named = _last(self._beginnings.get(path), before)
            if named is not None:
                return named, count
        for each in reversed(self._patterns):
            if each.at < before and each.agrees(path):
                return each, min(len(each.parts), len(path))
        return None


def _last(names: "list[Named] | None", before: int) -> Named | None:
    """The last of some names, in order, before an entry."""
    end = bisect_left(names, before, key=lambda each: each.at) if names else 0
    return names[end - 1] if names and end else None


def _texts(given: Field) -> Iterator[tuple[Scalar, object]]:
    """The scalars of a name or a list of names, each with what it is compiled to."""
    if isinstance(given.node, Scalar):
        yield given.node, given.compiled
    elif isinstance(given.node, Sequence) and isinstance(given.compiled, list):
        for node, compiled in zip(given.node.items, given.compiled, strict=False):
            if isinstance(node, Scalar):
                yield node, compiled


def _named(entry: Entry, given: tuple[Scalar, object], at: int, area: Area) -> Named | None:
    scalar, compiled = given
    if isinstance(compiled, Dynamic):
        parts = compiled.template.parts
        pattern = "".join(each if isinstance(each, str) else "*" for each in parts)
        return Named(entry, scalar, tuple(pattern.split(".")), at, area, dynamic=True)
    if not isinstance(compiled, str | int) or isinstance(compiled, bool) or compiled == "":
        return None
    return Named(entry, scalar, tuple(str(compiled).split(".")), at, area)


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """Where an entry stands: its list, its number there, and the entries around it, outermost
    first, in the same block.
    """

    area: Area
    at: int
    around: tuple[Entry, ...]


class Areas:
    """All lists of a document, and where each entry stands."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.spots: dict[int, Spot] = {}
        self.root = self._area(document.layers, None, None, None, 0, ())
        self.blocks = {
            name: self._area(block.layers, block, None, None, 0, ())
            for name, block in document.blocks.items()
        }

    def _area(
        self,
        entries: tuple[Entry, ...],
        block: Block | None,
        parent: Area | None,
        holder: Entry | None,
        at: int,
        around: tuple[Entry, ...],
    ) -> Area:
        listed = tuple(_listed(entries, around))
        area = Area(tuple(entry for entry, _ in listed), block, parent, holder, at)
        for number, (entry, outer) in enumerate(listed):
            self.spots[id(entry)] = Spot(area, number, outer)
            if entry.body is not None and entry.scope:
                area.inner[number] = self._area(
                    entry.body, block, area, entry, number, (*outer, entry)
                )
        return area

    def within(self, named: Named) -> Area | None:
        """The list inside a named group or block instance."""
        inner = named.area.inner.get(named.at)
        if inner is not None:
            return inner
        block = self.block_of(named.entry)
        return None if block is None else self.blocks.get(block)

    def block_of(self, entry: Entry) -> str | None:
        """The name of the block that an entry is of, through the var that names it if need be."""
        given = entry.fields.get("type")
        if given is None:
            return None
        said = given.compiled
        if isinstance(said, Dynamic):
            names = said.template.names
            var = self.document.vars.get(next(iter(names), ""))
            said = var.compiled if var is not None and len(names) == 1 else None
        return said if isinstance(said, str) and said in self.document.blocks else None

    def walk(self, area: Area, before: int, path: tuple[str, ...]) -> "list[Step | None]":
        """What each part of a path names, the first sought outwards: None for the number of an
        instance, and for what isn't known.
        """
        around: Area | None = area
        while around is not None:
            found = around.called(path, before)
            if found is not None:
                return self._follow(*found, path)
            if path[0] in inputs_of(around, self.document):
                break
            before, around = around.at, around.parent
        return [None for _ in path]

    def _follow(self, named: Named, count: int, path: tuple[str, ...]) -> "list[Step | None]":
        """The steps of a path whose first parts, so many, are a name."""
        steps: list[Step | None] = [(named, number) for number in range(count)]
        rest = path[count:]
        if rest and named.entry.repeats and (rest[0] == "*" or is_plain_number(rest[0])):
            steps.append(None)
            rest = rest[1:]
        inner = self.within(named) if rest else None
        if inner is not None:
            more = inner.called(rest, len(inner.entries))
            if more is not None:
                return steps + self._follow(*more, rest)
        return [*steps, *(None for _ in rest)]


def inputs_of(area: Area, document: Document) -> Mapping[str, Scalar]:
    """The inputs that have names of their own in a list, with these names' places."""
    if area.parent is not None:
        return {}
    if area.block is None:
        return {name: each.key for name, each in document.inputs.items()}
    listed = area.block.node.get("inputs")
    items = listed.items if isinstance(listed, Sequence) else ()
    return {each.text: each for each in items if isinstance(each, Scalar)}


def _listed(
    entries: tuple[Entry, ...], around: tuple[Entry, ...]
) -> Iterator[tuple[Entry, tuple[Entry, ...]]]:
    for entry in entries:
        yield entry, around
        if entry.body is not None and not entry.scope:
            yield from _listed(entry.body, (*around, entry))
