"""Output shapes beside the entries that give them."""

from dataclasses import dataclass

from netspec.editor.lines import offsets
from netspec.editor.shown import shapes_of_all
from netspec.editor.snapshot import Snapshot
from netspec.language.document import Entry


@dataclass(frozen=True, slots=True)
class Hint:
    """Text to be shown at an offset, as if it stood there."""

    offset: int
    text: str


def hints(snapshot: Snapshot, start: int, end: int) -> list[Hint]:
    """Those of the entries that begin between two offsets."""
    found = []
    for first, last, entry in snapshot.entries:
        at = _behind(snapshot, first, last, entry)
        if start <= at <= end:
            text = shapes_of_all(snapshot.made_of(entry))
            if text:
                found.append(Hint(at, text))
    return found


def _behind(snapshot: Snapshot, first: int, last: int, entry: Entry) -> int:
    """Where a hint goes: behind an entry in braces, else behind what it is."""
    if snapshot.source.text.startswith("{", first) and entry.body is None:
        return last
    return offsets(entry.span)[1]
