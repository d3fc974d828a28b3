"""A text as it was read: what is to be said about it, its document, its network."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from netspec.api import checked
from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, SpecError
from netspec.editor.lines import offsets
from netspec.elaborate import Program
from netspec.graph import Graph, Node
from netspec.graph.tree import Scope, scopes
from netspec.language.document import Document, Entry
from netspec.language.library import document_of
from netspec.language.models import LibraryModel
from netspec.source import read
from netspec.stock import Location

_OURS = re.compile(r"^([\"']?)netspec\1[ \t]*:", re.MULTILINE)
_BLOCKS = re.compile(r"^blocks[ \t]*:", re.MULTILINE)
_NETWORK = re.compile(r"^(name|inputs|layers)[ \t]*:", re.MULTILINE)


def is_ours(text: str) -> bool:
    """Whether a text says that it is a spec: by the key `netspec` at its top level."""
    return _OURS.search(text) is not None


def is_library(text: str) -> bool:
    """Whether it is a file of blocks, to be brought in by `use`."""
    return _BLOCKS.search(text) is not None and _NETWORK.search(text) is None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A text and what was made of it; of one that is no YAML there is no document, of a mistaken
    one no graph.
    """

    source: SourceText
    diagnostics: tuple[Diagnostic, ...] = ()
    document: Document | None = None
    graph: Graph | None = None
    places: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def entries(self) -> "tuple[tuple[int, int, Entry], ...]":
        """The entries that stand in this text, each with where it starts and ends."""
        if self.document is None:
            return ()
        blocks = self.document.blocks.values()
        lists = (self.document.layers, *(block.layers for block in blocks))
        every = (entry for entries in lists for entry in all_entries(entries))
        own = (each for each in every if each.node.source is self.source)
        return tuple((*self._ends(each), each) for each in own)

    def _ends(self, entry: Entry) -> tuple[int, int]:
        """Where an entry starts and ends, without the space behind it that YAML counts in."""
        start, end = offsets(entry.node.span)
        return start, start + len(self.source.text[start:end].rstrip())

    def entry_at(self, offset: int) -> Entry | None:
        """The innermost entry around an offset."""
        around = [each for each in self.entries if each[0] <= offset <= each[1]]
        return max(around, key=lambda each: each[0])[2] if around else None

    def made_of(self, entry: Entry) -> "list[Node | Scope]":
        """What the network has of an entry: layers, or scopes, not those that hold a repeat's."""
        place = self.places.get(id(entry))
        return self._made.get(place, []) if place is not None else []

    @cached_property
    def _made(self) -> "dict[int, list[Node | Scope]]":
        made: dict[int, list[Node | Scope]] = {}
        if self.graph is not None:
            parts: Iterator[Node | Scope] = iter((*self.graph.nodes, *scopes(self.graph.root)))
            for part in parts:
                holds = isinstance(part, Scope) and part.repeat
                if part.written is not None and not holds:
                    made.setdefault(part.written.place, []).append(part)
        return made


def all_entries(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    """Entries and those within groups, in the order of the text."""
    for entry in entries:
        yield entry
        yield from all_entries(entry.body or ())


def take(text: str, name: str, folder: Path | None = None) -> Snapshot:
    """Read and check a text, which reports call `name`; `folder` is where its `use` may look."""
    source = SourceText(name, text)
    if not is_ours(text):
        return Snapshot(source)
    if is_library(text):
        return _library(source, folder)
    path = None if folder is None else folder / Path(name).name
    found = checked(source, Location(path, name))
    said, program = tuple(found.diagnostics.sorted()), found.program
    if program is None:
        return Snapshot(source, said)
    return Snapshot(source, said, program.document, found.graph, program.places)


def _library(source: SourceText, folder: Path | None) -> Snapshot:
    diagnostics, document = Diagnostics(), None
    try:
        value = read(source, diagnostics)
        document = document_of(value, source, diagnostics, folder, model=LibraryModel)
        Program(document, diagnostics)
    except SpecError as error:
        diagnostics.extend(error.diagnostics)
    return Snapshot(source, tuple(diagnostics.sorted()), document)
