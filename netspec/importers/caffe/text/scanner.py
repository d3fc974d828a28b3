"""The tokens of a text, what they make in the common case, and where each stands."""

import re
from bisect import bisect_right

from netspec.diagnostics import SourceText
from netspec.source.values import Place

NAME, NUMBER, STRING, BROKEN, SYMBOL, END = 1, 2, 3, 4, 5, 6
"""The groups of a token; a broken string lacks its closing quote."""

_SKIP = r"\s*+(?:\#[^\n]*+\s*+)*+"
_NAME = r"[a-zA-Z_][0-9a-zA-Z_+-]*+"
_NUMBER = r"(?:[0-9+-]|\.[0-9])[0-9a-zA-Z_.+-]*+"
_STRING = r"""(?>"[^"\n\\]*(?:\\.[^"\n\\]*)*"|'[^'\n\\]*(?:\\.[^'\n\\]*)*')"""

_TOKEN = re.compile(rf"""{_SKIP}(?:({_NAME})|({_NUMBER})|({_STRING})|(["'][^\n]*)|(.)|(\Z))""")

FIELD, VALUE_WORD, VALUE_NUMBER, VALUE_STRING, OPENING, CLOSING = 1, 2, 3, 4, 5, 6
"""The groups of a step."""

STEP = re.compile(
    rf"""{_SKIP}(?:
        ({_NAME})\s*+(?:
            :\s*+ (?: ({_NAME}) | ({_NUMBER}) | ({_STRING}) (?!\s*["'\#]) )
            \s*+ (?: [,;] | (?!\#) )
          | :? \s*+ ([{{<])
        )
      | ([}}>]) \s*+ (?: [,;] | (?!\#) )
    )""",
    re.VERBOSE,
)
"""A field with one scalar, the beginning of one with a message, or the end of a message, up to the
next field: most of a text goes by in such steps, at a third of the time that its tokens take. What
comments, lists and strings side by side stand in between is for the tokens.
"""


class Scanner:
    """A text's tokens, one at a time: the kind, the characters and the offsets of the present one.

    Where something stands in lines and columns is quickly told in the order of the text.
    """

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.kind = END
        self.text = ""
        self.start = self.end = 0
        self._starts = source.starts
        self._row = 0

    def seek(self, offset: int) -> None:
        """On to the token at an offset, or behind it."""
        self.end = offset
        self.advance()

    def advance(self) -> None:
        """On to the next token; behind the last one it is END for good."""
        match = _TOKEN.match(self.source.text, self.end)
        assert match is not None
        assert match.lastindex is not None
        self.kind = match.lastindex
        self.text = match[self.kind]
        self.start, self.end = match.span(self.kind)

    def place(self) -> Place:
        """Where the token stands."""
        return self.between(self.start, self.end)

    def between(self, start: int, end: int) -> Place:
        """The place of a stretch of the text."""
        starts, row = self._starts, self._row
        if not starts[row] <= start < starts[row + 1]:
            row = self._row = bisect_right(starts, start) - 1
        line, column = row + 1, start - starts[row] + 1
        if end < starts[line]:
            return Place(self.source, line, column, line, column + end - start)
        end_row = bisect_right(starts, end) - 1
        return Place(self.source, line, column, end_row + 1, end - starts[end_row] + 1)
