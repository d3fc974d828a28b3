"""Places in a source text."""

import re
from dataclasses import dataclass
from functools import cached_property

from netspec.quick import frozen

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, eq=False)
class SourceText:
    """A text and the name that the user knows it by (a path, `<stdin>`, `<string>`)."""

    name: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines as YAML counts them."""
        return _BREAK.split(self.text)

    @cached_property
    def starts(self) -> list[int]:
        """Where each line starts, as an offset in the text, and one beyond its end."""
        return [0, *(found.end() for found in _BREAK.finditer(self.text)), len(self.text) + 1]


@frozen
class Span:
    """A stretch of a source text, from `line` and `column` to `end_line` and `end_column`, which
    count from 1; the end is exclusive.

    `source` has the name that the user knows the text by, and the `text` itself.
    """

    source: SourceText
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"

    @property
    def span(self) -> "Span":
        """Itself: whatever has a place in a text has a `span`."""
        return self

    @property
    def key(self) -> tuple[str, int, int, int, int]:
        """What makes two spans the same place, and the order in which a report lists them."""
        return (self.source.name, self.line, self.column, self.end_line, self.end_column)

    def part(self, start: int, end: int) -> "Span":
        """The characters `start` to `end` of a span that lies on one line."""
        if self.line != self.end_line:
            return self
        column = self.column
        return Span(self.source, self.line, column + start, self.line, column + end)
