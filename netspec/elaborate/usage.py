"""What is read and what isn't: over all instances of a block, both phases and all variants.

An entry is used if any of its instances in blocks, phases and variants is read; the instances of
its own repeat count one by one, because a branch that is dropped is a mistake even if its
neighbour is used. So do those of a repeated group that opens no scope: they stand in one list.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from netspec.diagnostics import Span
from netspec.elaborate.scope import Use
from netspec.graph import Blob, Node
from netspec.language.document import Entry
from netspec.quick import frozen

Key: TypeAlias = tuple[int, tuple[int, ...]]
"""An entry's identity and the number within its own repeat, behind those within the repeats of
groups that open no scope.
"""

Givers: TypeAlias = tuple[Key, ...]
"""The entries that a blob comes from: the layer that makes it, and the scopes that give it on."""


@frozen
class Given:
    """An entry that gives a result, and how a message names it."""

    entry: Entry
    path: str
    allowed: bool
    chain: tuple[Use, ...]


@dataclass(slots=True)
class Usage:
    """Gathers, over several elaborations of one document, what gives and what is read.

    It is `certain` as long as no mistake has hidden what something reads. `dead` are layers that
    nothing reads though others of the same entry are read. `parts` are those of other networks, by
    their identities, that have been added.
    """

    given: dict[Key, Given] = field(default_factory=dict)
    read: set[Key] = field(default_factory=set)
    values_read: set[tuple[str, str]] = field(default_factory=set)
    blocks_used: set[str] = field(default_factory=set)
    inputs_read: set[str] = field(default_factory=set)
    dead: dict[Span, Node] = field(default_factory=dict)
    givers: dict[str, Givers] = field(default_factory=dict)
    parts: dict[int, "Usage"] = field(default_factory=dict)
    certain: bool = True

    def within(self) -> "Usage":
        """What is given and read by a part of the same network, to be added once that's done."""
        return Usage(givers=self.givers)

    def add(self, part: "Usage") -> None:
        """Add what a part has given and read."""
        for key, given in part.given.items():
            self.given.setdefault(key, given)
        self.read |= part.read
        self.values_read |= part.values_read
        self.blocks_used |= part.blocks_used
        self.inputs_read |= part.inputs_read
        self.parts |= part.parts
        self.certain &= part.certain

    def start(self) -> None:
        """Begin another elaboration: blobs of the last one are forgotten, what was read isn't."""
        self.givers = {}

    def give(
        self,
        key: Key,
        entry: Entry,
        path: str,
        blobs: Iterable[Blob],
        allowed: bool,
        chain: tuple[Use, ...],
    ) -> None:
        """An entry gives blobs; those that a scope hands out have inner givers as well."""
        if key not in self.given:
            self.given[key] = Given(entry, path, allowed, chain)
        givers = self.givers
        for blob in blobs:
            givers[blob.name] = (*givers.get(blob.name, ()), key)

    def reads(self, blobs: Iterable[Blob]) -> None:
        for blob in blobs:
            givers = self.givers.get(blob.name)
            if givers is None:
                self.inputs_read.add(blob.name)
            else:
                self.read.update(givers)

    def note_dead(self, nodes: Iterable[Node]) -> None:
        """Remember the first layer of each entry among these."""
        for node in nodes:
            if node.origin is not None:
                self.dead.setdefault(node.origin, node)

    def unread(self) -> list[Given]:
        """Entries whose result nothing reads and that `allow` doesn't keep."""
        return [
            given for key, given in self.given.items() if key not in self.read and not given.allowed
        ]
