"""What stands around the cursor, read also where the text is no YAML there.

The part of the text that the cursor is in is read by itself, with a mark at the cursor: a key of
the top level, of `layers` only the entry. Where that is no YAML, brackets and quotes are closed,
the rest of the line and what follows is left out, until it is.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.source import Mapping, Scalar, Sequence, Value, read

_MARK = "\ue000"
"""A character of private use, of which YAML thinks as of any letter."""
_WORD = re.compile(r"[\w.*-]*\Z")
_REST = re.compile(r"[\w*-]*")
_DOLLAR = re.compile(r"\$\w*\Z")
_TOP_KEY = re.compile(r"^[^\s#\-}\])][^\n]*", re.MULTILINE)
_LINES = re.compile(r"[^\n]*\n?")
MAX_PART = 50_000
"""The most characters around the cursor that are read."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cursor stands: the keys and numbers that lead there, the mappings on the way, the
    outermost first, whether a key is to be there, the word that is being written and where that
    begins and ends in the text; whether it stands in an expression.
    """

    path: tuple[str | int, ...]
    mappings: tuple[Mapping, ...]
    is_key: bool
    word: str
    start: int
    end: int
    in_expression: bool = False
    has_colon: bool = False


def cursor_at(text: str, offset: int) -> Cursor | None:
    """What stands around an offset; None where it can't be told, or within a comment."""
    begin, end = part_around(text, offset)
    before, after = text[begin:offset], text[offset:end]
    line = before.rpartition("\n")[2]
    if end - begin > MAX_PART or _in_comment(line):
        return None
    for made in _attempts(before, after):
        try:
            value = read(SourceText("", made), Diagnostics())
        except SpecError:
            continue
        found = _find(value, (), ())
        if found is not None:
            path, mappings, is_key = found
            return _cursor(text, offset, path, mappings, is_key, _expression(line))
    return None


def _cursor(
    text: str,
    offset: int,
    path: tuple[str | int, ...],
    mappings: tuple[Mapping, ...],
    is_key: bool,
    in_expression: bool,
) -> Cursor:
    word = _WORD.search(text, max(0, offset - 200), offset)
    rest = _REST.match(text, offset)
    assert word is not None
    assert rest is not None
    behind = text[rest.end() : rest.end() + 1]
    return Cursor(
        path, mappings, is_key, word.group(), word.start(), rest.end(), in_expression, behind == ":"
    )


def part_around(text: str, offset: int) -> tuple[int, int]:
    """Where the part begins and ends that the cursor is in."""
    line = text.rfind("\n", 0, offset) + 1
    starts = [found.start() for found in _TOP_KEY.finditer(text)]
    at = bisect_right(starts, max(line, 0)) - 1
    if at < 0:
        return 0, starts[0] if starts else len(text)
    begin, end = starts[at], starts[at + 1] if at + 1 < len(starts) else len(text)
    if begin < line and text.startswith("layers:", begin):
        return _item_around(text, begin, end, line)
    return begin, end


def _item_around(text: str, begin: int, end: int, line: int) -> tuple[int, int]:
    """The entry of a list, right below its key, that a line is in."""
    first = re.compile(r"[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*( *)-[ \n]").match(text, begin, end)
    if first is None:
        return begin, end
    item = re.compile(rf"^{first.group(1)}-(?=[ \n]|\Z)", re.MULTILINE)
    starts = [found.start() for found in item.finditer(text, begin, end)]
    at = bisect_right(starts, line) - 1
    if at < 0:
        return begin, end
    return starts[at], starts[at + 1] if at + 1 < len(starts) else end


def _attempts(before: str, after: str) -> Iterator[str]:
    """The part with a mark at the cursor, mended in one way after the other."""
    _, newline, later = after.partition("\n")
    closing = _closing(before)
    yield before + _MARK + after
    yield f"{before}{_MARK}: x{after}"
    yield f"{before}{_MARK}{closing}{newline}{later}"
    yield f"{before}{_MARK}: x{newline}{later}"
    yield before + _MARK + closing
    yield f"{before}{_MARK}: x{closing}"
    yield f"{before}{_MARK}{closing}: x"


def _closing(text: str) -> str:
    """What closes the quote and the brackets that a text leaves open."""
    brackets: list[str] = []
    quote = ""
    previous = "\n"
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and previous in " [{,:\n(":
            quote = char
        elif char in "[{":
            brackets.append("]" if char == "[" else "}")
        elif char in "]}" and brackets:
            brackets.pop()
        previous = char
    return quote + "".join(reversed(brackets))


def _find(
    value: Value, path: tuple[str | int, ...], mappings: tuple[Mapping, ...]
) -> tuple[tuple[str | int, ...], tuple[Mapping, ...], bool] | None:
    """The way to the mark, and whether it is a key."""
    if isinstance(value, Scalar):
        marked = _MARK in value.text
        return (path, mappings, False) if marked else None
    if isinstance(value, Sequence):
        found = (_find(each, (*path, at), mappings) for at, each in enumerate(value.items))
        return next((each for each in found if each is not None), None)
    for key, each in value.items.items():
        if _MARK in key:
            return path, (*mappings, value), True
        inner = _find(each, (*path, key), (*mappings, value))
        if inner is not None:
            return inner
    return None


def _in_comment(line: str) -> bool:
    return re.match(r"[^\"'#]*(?:^|\s)#", line) is not None


def _expression(line: str) -> bool:
    """Whether a line ends within an expression."""
    opened = line.rpartition("$(")[2] if "$(" in line else ")"
    return opened.count("(") >= opened.count(")") or _DOLLAR.search(line) is not None
