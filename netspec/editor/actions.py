"""What a diagnostic's help proposes, as a change of the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from netspec.diagnostics import Diagnostic
from netspec.editor.lines import offsets
from netspec.editor.snapshot import Snapshot

_REPLACEMENT = re.compile(
    r"(?:did you mean|netspec calls it|say|call it) `([\w.*-]+)`\??(?:, if .*)?"
)
"""A help line that says what to write instead, and nothing else."""
_NAME = re.compile(r"[\w.*-]+")
_QUOTED = re.compile(r"([\"'])([\w.*-]*)\1")


@dataclass(frozen=True, slots=True)
class Action:
    """A change that would do what a diagnostic's help says: what to write between two offsets."""

    title: str
    diagnostic: Diagnostic
    start: int
    end: int
    text: str


def actions(snapshot: Snapshot, start: int, end: int) -> Iterator[Action]:
    """Those of the diagnostics that touch a stretch of the text."""
    for each in snapshot.diagnostics:
        if each.span is None or each.help is None or each.span.source is not snapshot.source:
            continue
        first, last = offsets(each.span)
        if first <= end and last >= start:
            text = _instead(snapshot.source.text[first:last], each)
            if text is not None:
                yield Action(f"Write {text}", each, first, last, text)


def _instead(old: str, diagnostic: Diagnostic) -> str | None:
    """What to write for a text at fault; None where the help leaves that open."""
    assert diagnostic.help is not None
    if diagnostic.help == "quote it":
        return f'"{old}"' if _NAME.fullmatch(old) else None
    found = _REPLACEMENT.fullmatch(diagnostic.help)
    quoted = _QUOTED.fullmatch(old)
    name = quoted.group(2) if quoted is not None else old
    # The place may be that of more than the name, a whole expression say.
    if found is None or not _NAME.fullmatch(name):
        return None
    first, dot, rest = name.partition(".")
    text = found.group(1)
    if dot and f"`{first}`" in diagnostic.message and dot not in text:  # the path goes on behind it
        text = f"{text}.{rest}"
    quote = quoted.group(1) if quoted is not None else ""
    return f"{quote}{text}{quote}"
