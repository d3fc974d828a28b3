"""What is read and what isn't: over all instances of a block, both phases and all variants.

An entry is used if any of its instances in blocks, phases and variants is read; the instances of
its own repeat count one by one, because a branch that is dropped is a mistake even if its
neighbour is used.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from netspec.graph import Blob
from netspec.language.document import Entry

Key: TypeAlias = tuple[int, int]
"""An entry's identity and the number within its own repeat."""


@dataclass(frozen=True, slots=True)
class Given:
    """An entry that gives a result, and how a message names it."""

    entry: Entry
    path: str
    allowed: bool


@dataclass(slots=True)
class Usage:
    """Gathers, over several elaborations of one document, what gives and what is read."""

    given: dict[Key, Given] = field(default_factory=dict)
    read: set[Key] = field(default_factory=set)
    values_read: set[tuple[str, str]] = field(default_factory=set)
    blocks_used: set[str] = field(default_factory=set)
    givers: dict[str, list[Key]] = field(default_factory=dict)

    def start(self) -> None:
        """Begin another elaboration: blobs of the last one are forgotten, what was read isn't."""
        self.givers = {}

    def give(
        self, entry: Entry, number: int, path: str, blobs: Iterable[Blob], allowed: bool
    ) -> None:
        """An entry gives blobs; those that a scope hands out have inner givers as well."""
        key = (id(entry.node), number)
        self.given.setdefault(key, Given(entry, path, allowed))
        for blob in blobs:
            self.givers.setdefault(blob.name, []).append(key)

    def reads(self, blobs: Iterable[Blob]) -> None:
        for blob in blobs:
            self.read.update(self.givers.get(blob.name, ()))

    def unread(self) -> list[Given]:
        """Entries whose result nothing reads and that `allow` doesn't keep."""
        return [
            given
            for key, given in self.given.items()
            if key not in self.read and not given.allowed
        ]
