"""A document while it is being written: its text now, and what was last read of it."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.editor.completion import Item, complete
from netspec.editor.cursor import Cursor, cursor_at, part_around
from netspec.editor.lines import Lines
from netspec.editor.moves import Move, moved
from netspec.editor.occurrences import Occurrences
from netspec.editor.snapshot import Snapshot, is_ours, take
from netspec.language.library import parse_document


@dataclass(frozen=True, eq=False)
class Reading:
    """The last text of which a document could be made, and its names, worked out once."""

    snapshot: Snapshot

    @cached_property
    def names(self) -> Occurrences:
        return Occurrences(self.snapshot)


@dataclass(eq=False)
class Session:
    """What is known of an open document: `latest` is what its text came to when it was last
    checked, `good` the last one that was YAML, `shaped` the last one that gave a network.
    """

    name: str
    folder: Path | None
    text: str
    encoding: str = "utf-16"
    latest: Snapshot | None = None
    good: Reading | None = None
    shaped: Snapshot | None = None
    _lines: Lines | None = field(default=None, repr=False)

    @property
    def lines(self) -> Lines:
        """The lines of the text as it is."""
        if self._lines is None or self._lines.text != self.text:
            self._lines = Lines(self.text, self.encoding)
        return self._lines

    @property
    def is_ours(self) -> bool:
        return is_ours(self.text)

    @property
    def is_current(self) -> bool:
        """Whether the text is the one that was checked last."""
        return self.latest is not None and self.latest.source.text == self.text

    def check(self) -> Snapshot:
        """What the text comes to; it may run beside all else, and changes nothing."""
        return take(self.text, self.name, self.folder)

    def keep(self, snapshot: Snapshot) -> None:
        """Keep what a text came to."""
        self.latest = snapshot
        if snapshot.document is not None:
            self.good = Reading(snapshot)
        if snapshot.graph is not None:
            self.shaped = snapshot

    def refresh(self) -> None:
        """See to it that the text as it is has been checked."""
        if not self.is_current:
            self.keep(self.check())

    def since(self, snapshot: Snapshot) -> Move:
        """What has become of a text that was read before."""
        return moved(snapshot.source.text, self.text)

    def complete(self, offset: int) -> tuple[Cursor, list[Item]] | None:
        """What could stand at an offset of the text, and the word that it would stand for."""
        cursor = cursor_at(self.text, offset) if self.is_ours else None
        if cursor is None:
            return None
        reading = self.good or self._mended(offset)
        if reading is None:
            return cursor, complete(cursor, None, offset)
        at = self.since(reading.snapshot).back(cursor.start)
        return cursor, complete(cursor, reading.names, at)

    def _mended(self, offset: int) -> Reading | None:
        """What can be read of a text that was broken when it was opened, without what the cursor
        stands in.
        """
        begin, end = part_around(self.text, offset)
        blank = "".join(char if char == "\n" else " " for char in self.text[begin:end])
        source = SourceText(self.name, self.text[:begin] + blank + self.text[end:])
        try:
            document = parse_document(source, Diagnostics(), self.folder)
        except SpecError:
            return None
        return Reading(Snapshot(source, (), document))
