"""Lists of entries and what a path means in them, told from the text alone.

It is what `elaborate` does with an instance at hand, for entries whose instances can't be had: a
spec that is being written has a mistake most of the time.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from netspec.language.document import Block, Document, Entry
from netspec.language.names import is_plain_number
from netspec.language.values import Dynamic, Field
from netspec.source import Scalar, Sequence


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A name that an entry gives: of its layer, or of one of its tops, in `area`'s list.

    `parts` are its own, patterns where it is `dynamic`; `at` is the number of its entry there.
    """

    entry: Entry
    scalar: Scalar
    parts: tuple[str, ...]
    at: int
    area: "Area"
    dynamic: bool = False

    def agrees(self, path: tuple[str, ...]) -> int:
        """How many parts the path and the name have in common, 0 where they lead apart."""
        common = min(len(self.parts), len(path))
        for own, asked in zip(self.parts, path, strict=False):
            if own != asked and not (self.dynamic and re.fullmatch(own, asked)):
                return 0
        return common


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
    def _by_first(self) -> Mapping[str, list[Named]]:
        found: dict[str, list[Named]] = {}
        for each in self.names:
            found.setdefault("" if each.dynamic else each.parts[0], []).append(each)
        return found

    def called(self, path: tuple[str, ...], before: int) -> list[Named]:
        """The names before an entry that a path may begin with: exact ones, or else by pattern."""
        exact = self._by_first.get(path[0], ())
        found = [each for each in exact if each.at < before and each.agrees(path)]
        if found and max(each.agrees(path) for each in found) == len(path):
            return found
        patterns = self._by_first.get("", ())
        return found + [each for each in patterns if each.at < before and each.agrees(path)]


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
        pattern = "".join(re.escape(each) if isinstance(each, str) else "[^.]+" for each in parts)
        return Named(entry, scalar, tuple(pattern.split(r"\.")), at, area, dynamic=True)
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
            if found:
                return self._follow(found, path)
            if path[0] in inputs_of(around, self.document):
                break
            before, around = around.at, around.parent
        return [None for _ in path]

    def _follow(self, found: list[Named], path: tuple[str, ...]) -> "list[Step | None]":
        best = max(found, key=lambda each: (each.agrees(path), each.at))
        steps: list[Step | None] = [(best, number) for number in range(best.agrees(path))]
        rest = path[len(steps) :]
        if rest and best.entry.repeats and (rest[0] == "*" or is_plain_number(rest[0])):
            steps.append(None)
            rest = rest[1:]
        inner = self.within(best) if rest and len(best.parts) == best.agrees(path) else None
        if inner is not None:
            more = inner.called(rest, len(inner.entries))
            if more:
                return steps + self._follow(more, rest)
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
