"""YAML values that know their place in the text."""

from collections.abc import Iterator
from typing import TypeAlias

from netspec.diagnostics import SourceText, Span

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"


class Place:
    """Where a value stands; lines and columns count from 1, the end is exclusive.

    Spans are made when asked for: a large spec has a million values and few mistakes.
    """

    __slots__ = ("column", "end_column", "end_line", "line", "source")

    def __init__(
        self, source: SourceText, line: int, column: int, end_line: int, end_column: int
    ) -> None:
        self.source = source
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column

    @property
    def span(self) -> Span:
        return Span(self.source, self.line, self.column, self.end_line, self.end_column)


class Scalar(Place):
    """A null, boolean, number or string; `quoted` if the text has it in quotes or as a block.

    `text` is what is written, without quotes.
    """

    __slots__ = ("quoted", "text", "value")

    def __init__(
        self,
        value: bool | int | float | str | None,
        quoted: bool,
        source: SourceText,
        line: int,
        column: int,
        end_line: int,
        end_column: int,
        text: str,
    ) -> None:
        self.source = source
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column
        self.value = value
        self.quoted = quoted
        self.text = text

    def plain(self) -> Plain:
        return self.value

    def part(self, start: int, end: int) -> Span:
        """The span of some characters of a string; the whole where that can't be told."""
        span = self.span
        width = span.end_column - span.column
        if not isinstance(self.value, str) or span.line != span.end_line:
            return span
        shift = 1 if self.quoted else 0
        if width != len(self.value) + 2 * shift:
            return span
        return span.part(start + shift, end + shift)


class Sequence(Place):
    """A list."""

    __slots__ = ("items",)

    def __init__(self, source: SourceText, line: int, column: int) -> None:
        super().__init__(source, line, column, line, column + 1)
        self.items: list[Value] = []

    def __iter__(self) -> Iterator["Value"]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def plain(self) -> Plain:
        return [item.plain() for item in self.items]


class Mapping(Place):
    """A mapping from names; `keys` are the keys as they stand in the text."""

    __slots__ = ("items", "keys")

    def __init__(self, source: SourceText, line: int, column: int) -> None:
        super().__init__(source, line, column, line, column + 1)
        self.items: dict[str, Value] = {}
        self.keys: dict[str, Scalar] = {}

    def __contains__(self, key: str) -> bool:
        return key in self.items

    def __getitem__(self, key: str) -> "Value":
        return self.items[key]

    def get(self, key: str) -> "Value | None":
        return self.items.get(key)

    def plain(self) -> dict[str, Plain]:
        return {key: value.plain() for key, value in self.items.items()}


Value: TypeAlias = Scalar | Sequence | Mapping


def value_at(value: Value, path: "tuple[int | str, ...]") -> tuple[Value, Scalar | None]:
    """The value at a path of keys and numbers, as far as it leads, and the last key on it."""
    key: Scalar | None = None
    for part in path:
        if isinstance(value, Mapping) and part in value.items:
            key = value.keys[str(part)]
            value = value.items[str(part)]
        elif isinstance(value, Sequence) and isinstance(part, int) and part < len(value):
            value = value.items[part]
        else:
            break
    return value, key
