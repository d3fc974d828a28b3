"""Rows of a sweep as text: a table, CSV, JSON lines, Markdown."""

import csv
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain, islice
from typing import Any, TypeAlias

from netspec.graph import SymbolicSize
from netspec.printable import encodable, printable
from netspec.source.flow import as_flow
from netspec.sweeping.rows import ERROR, Row

Write: TypeAlias = Callable[[Sequence[str], Iterable[Row]], Iterator[str]]
"""The lines of a text, each with its end, from the names of the columns and the rows."""

GAP = 2
"""Blanks between the columns of a table."""
LEAST_ERROR = 24
"""What a narrow terminal leaves of an error."""
MEASURED = 1_000
"""Rows that a table's columns are made wide enough for; of those behind, some may stick out."""


def text(value: Any) -> str:
    """A value as a cell has it: numbers in full, formulas, lists and mappings as YAML has them."""
    if value is None:
        return ""
    if isinstance(value, str):
        return printable(value)
    return str(value) if isinstance(value, SymbolicSize) else printable(as_flow(value))


def csv_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Comma-separated values, by RFC 4180 but for the ends of lines."""
    for row in chain([columns], rows):
        line = StringIO()
        csv.writer(line, lineterminator="\n").writerow([text(value) for value in row])
        yield line.getvalue()


def json_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """An object on each line."""
    for row in rows:
        made = {name: plain(value) for name, value in zip(columns, row, strict=True)}
        yield f"{json.dumps(made)}\n"


def plain(value: Any) -> Any:
    """A value as JSON has it: a formula is text."""
    if isinstance(value, SymbolicSize):
        return str(value)
    return encodable(value) if isinstance(value, str) else value


def markdown_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """A table as Markdown has it; numbers stand to the right."""
    rows, ahead = _ahead(rows, MEASURED)
    numbers = _numbers(columns, ahead)
    yield _markdown(columns)
    yield _markdown(["---:" if number in numbers else "---" for number in range(len(columns))])
    for row in rows:
        yield _markdown([text(value).replace("|", "\\|") for value in row])


def _markdown(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def table_lines(
    columns: Sequence[str],
    rows: Iterable[Row],
    width: int | None = None,
    spare: Sequence[str] = (),
    asked: Collection[str] = (),
) -> Iterator[str]:
    """Aligned columns; digits in threes. Where lines would be wider than that, the spare columns
    are left out one by one, which is said at the end, and the last, for what is wrong, is cut. Of
    few rows columns that tell nothing are left out, but for those that are asked for.
    """
    rows, ahead = _ahead(rows, MEASURED)
    kept = [*range(len(columns))] if len(ahead) == MEASURED else _telling(columns, ahead, asked)
    gone = [] if width is None else _too_many(columns, ahead, kept, width, spare)
    kept = [number for number in kept if columns[number] not in gone]
    columns = [columns[number] for number in kept]
    ahead = [tuple(row[number] for number in kept) for row in ahead]
    rows = (tuple(row[number] for number in kept) for row in rows)
    numbers, widths = _numbers(columns, ahead), _widths(columns, ahead)
    before = sum(widths[:-1]) + GAP * (len(widths) - 1)
    cut = width is not None and columns[-1] == ERROR
    if cut and width is not None:
        widths[-1] = max(len(ERROR), min(widths[-1], width - before))
    yield _aligned(columns, widths, numbers)
    yield "-" * (before + widths[-1]) + "\n"
    for row in rows:
        *cells, last = map(grouped, row)
        yield _aligned([*cells, _cut(last, widths[-1]) if cut else last], widths, numbers)
    if gone:
        yield f"\nLeft out at {width} columns: {', '.join(gone)}.\n"


def _widths(columns: Sequence[str], rows: Sequence[Row]) -> list[int]:
    """How wide each column is."""
    shown = [[*map(grouped, row)] for row in rows]
    return [max(map(len, column)) for column in zip(columns, *shown, strict=True)]


def _too_many(
    columns: Sequence[str],
    rows: Sequence[Row],
    kept: Sequence[int],
    width: int,
    spare: Sequence[str],
) -> list[str]:
    """The spare columns without which lines are within the width, as few as will do; an error may
    be cut.
    """
    each = dict(zip(columns, _widths(columns, rows), strict=True))
    there = {columns[number]: each[columns[number]] for number in kept}
    if ERROR in there:
        there[ERROR] = min(there[ERROR], LEAST_ERROR)
    gone: list[str] = []
    for name in spare:
        if sum(there.values()) + GAP * (len(there) - 1) <= width:
            break
        if there.pop(name, None) is not None:
            gone.append(name)
    return gone


def _telling(columns: Sequence[str], rows: Sequence[Row], asked: Collection[str]) -> list[int]:
    """The columns, but for errors where there are none, and trainable parameters where all are and
    nobody asks for them.
    """
    last, found = len(columns) - 1, [*columns]
    if rows and all(row[last] is None for row in rows):
        found.remove(columns[last])
    if {"params", "trainable_params"} <= {*columns} and "trainable_params" not in asked:
        every, trained = columns.index("params"), columns.index("trainable_params")
        if rows and all(row[every] == row[trained] for row in rows):
            found.remove(columns[trained])
    return [columns.index(name) for name in found]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def grouped(value: Any) -> str:
    """A value as a table has it."""
    return f"{value:,}" if type(value) is int else text(value)


def _aligned(cells: Sequence[str], widths: Sequence[int], numbers: set[int]) -> str:
    placed = [
        cell.rjust(width) if number in numbers else cell.ljust(width)
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(placed).rstrip() + "\n"


def _ahead(rows: Iterable[Row], count: int) -> tuple[Iterable[Row], list[Row]]:
    """The rows, and the first of them."""
    following = iter(rows)
    ahead = [*islice(following, count)]
    return chain(ahead, following), ahead


def _numbers(columns: Sequence[str], rows: Sequence[Row]) -> set[int]:
    """The columns in which numbers stand, or nothing."""
    found = set()
    for number in range(len(columns)):
        values = [row[number] for row in rows if row[number] is not None]
        if values and all(isinstance(value, int | float | SymbolicSize) for value in values):
            found.add(number)
    return found


FORMATS: dict[str, Write] = {
    "table": table_lines,
    "csv": csv_lines,
    "jsonl": json_lines,
    "markdown": markdown_lines,
}
SUFFIXES = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "markdown",
    ".txt": "table",
}
