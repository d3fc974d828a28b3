"""Places in a text as an editor counts them, in lines and in units of an encoding."""

import re
from bisect import bisect_right
from collections.abc import Callable

from netspec.diagnostics import Span

UNITS: dict[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text) + sum(char > "\uffff" for char in text),
    "utf-32": len,
}
"""How long a text is, by the encoding that editor and server have agreed on."""

_BREAK = re.compile("\r\n|[\n\r]")


class Lines:
    """A text's lines, which end where editors end them: YAML knows more breaks than they do.

    An editor's place is a line and a character, both from 0. Here all places are offsets, in
    characters from the start of the text.
    """

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text = text
        self.starts = [0, *(found.end() for found in _BREAK.finditer(text))]
        self._units = UNITS[encoding]

    def place(self, offset: int) -> tuple[int, int]:
        """The editor's place of an offset."""
        line = bisect_right(self.starts, offset) - 1
        return line, self._units(self.text[self.starts[line] : offset])

    def offset(self, line: int, character: int) -> int:
        """The offset of an editor's place, the nearest there is where it isn't in the text."""
        if line < 0:
            return 0
        if line >= len(self.starts):
            return len(self.text)
        start, end = self.starts[line], self.end(line)
        text = self.text[start:end]
        if text.isascii():
            return start + max(0, min(character, end - start))
        at, units = start, 0
        while at < end and units < character:
            units += self._units(self.text[at])
            at += 1
        return at

    def end(self, line: int) -> int:
        """Where a line ends, before its break."""
        if line + 1 == len(self.starts):
            return len(self.text)
        return self.starts[line] + len(
            self.text[self.starts[line] : self.starts[line + 1]].rstrip("\r\n")
        )


def offsets(span: Span) -> tuple[int, int]:
    """Where a span starts and ends in its text."""
    return _offset(span, span.line, span.column), _offset(span, span.end_line, span.end_column)


def _offset(span: Span, line: int, column: int) -> int:
    starts = span.source.starts
    if line >= len(starts):
        return len(span.source.text)
    return min(starts[line - 1] + column - 1, len(span.source.text))
