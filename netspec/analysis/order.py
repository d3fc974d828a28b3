"""The order of a summary's rows, and those that weigh most."""

from collections.abc import Sequence
from typing import NamedTuple

from netspec.analysis.columns.catalogue import column, require
from netspec.analysis.columns.column import Column, Value
from netspec.analysis.columns.figures import Asked, Place
from netspec.analysis.columns.wrong import Wrong
from netspec.graph.sizes import SymbolicSize, symbols

DEAREST = 3
"""How many rows are marked."""


class Order(NamedTuple):
    """The column that rows are sorted by: numbers from the largest down and text from A on, or
    the other way round.
    """

    name: str
    reversed: bool = False


def sort_order(text: str, asked: Asked) -> Order:
    """What `NAME` or `-NAME` means; Wrong where no column is called so, or it can't be had."""
    name = text.removeprefix("-")
    require(column(name, "sort"), asked, "sort")
    return Order(name, text != name)


def ordered(
    rows: Sequence[Place], values: Sequence[Value], by: Column, order: Order
) -> tuple[Place, ...]:
    """The rows in order; those without a value come last, equal ones stay as they were."""
    keys = [_key(value, row, by) for value, row in zip(values, rows, strict=True)]
    there = [number for number, key in enumerate(keys) if key is not None]
    gone = [number for number, key in enumerate(keys) if key is None]
    down = any(not isinstance(keys[number], str) for number in there) != order.reversed
    there.sort(key=lambda number: keys[number], reverse=down)  # type: ignore[arg-type, return-value]
    return tuple([rows[number] for number in (*there, *gone)])


def _key(value: Value, row: Place, by: Column) -> int | float | str | None:
    if isinstance(value, SymbolicSize):
        names = sorted(symbols(value))
        fix = f"fix {' and '.join(names)} in the inputs' shapes" if names else "fix the inputs"
        raise Wrong("sort", f"`{by.name}` of `{row.path}` is {_short(value)}, no number: {fix}")
    if value is None or isinstance(value, int | float | str):
        return value
    if by.order is not None:
        return by.order(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _short(value: SymbolicSize) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def dearest(values: Sequence[Value]) -> list[int]:
    """The numbers of the rows with the largest values, largest first; none where those aren't
    numbers, or are too few for it to mean anything.
    """
    there = [number for number, value in enumerate(values) if value]
    if len(there) <= DEAREST or not all(isinstance(values[n], int | float) for n in there):
        return []
    there.sort(key=lambda number: values[number], reverse=True)  # type: ignore[arg-type, return-value]
    return there[:DEAREST]
