"""The combinations of a sweep: what each name goes through, and the product of all."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite, prod
from typing import Any

from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.source import Scalar, Sequence, Value, read

MAX_ROWS = 1_000_000
"""Combinations that a sweep may have."""
VARIANT = "variant"
"""The name that stands before those of vars where a sweep goes through variants."""

_NUMBER = r"[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d{1,3})?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?::({_NUMBER}))?\Z")
_PART = re.compile(rf"{_NUMBER}\.\.|\.\.{_NUMBER}")
"""What begins as a range does, or ends so."""
_MAX_DIGITS = 40


class GridError(ValueError):
    """What is to be swept can't be; the message is in the caller's words."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A name and the values that it goes through."""

    name: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Grid:
    """Every combination of the axes' values, the last axis going through its own most often.

    With `variants` the first axis is no var but the variant.
    """

    axes: tuple[Axis, ...]
    variants: bool = False

    def __post_init__(self) -> None:
        names = [axis.name for axis in self.axes]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise GridError(f"`{twice}` is swept twice; list all of its values in one place")
        if self._count > MAX_ROWS:
            raise GridError(f"{self._count:,} combinations are more than {MAX_ROWS:,}")

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _count(self) -> int:
        return prod(len(axis.values) for axis in self.axes)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(axis.name for axis in self.axes)

    def at(self, number: int) -> tuple[Any, ...]:
        """The values of a combination, in the order of the axes."""
        found = []
        for axis in reversed(self.axes):
            number, place = divmod(number, len(axis.values))
            found.append(axis.values[place])
        return tuple(reversed(found))


def parse_values(name: str, text: str) -> tuple[Any, ...]:
    """The values that a text lists: what could stand between the brackets of a YAML list.

    An item that isn't quoted and reads `a..b` or `a..b:step` stands for the numbers from `a` to
    `b`, both included. GridError for what is no list, and for one of too many values.

    >>> parse_values("width", "8, 16..64:16")
    (8, 16, 32, 48, 64)
    >>> parse_values("depths", "[2, 2], [3, 4]")
    ([2, 2], [3, 4])
    """
    try:
        listed = read(SourceText(name, f"[{text}\n]"), Diagnostics())
    except SpecError as error:
        reason = error.diagnostics[0].message
        raise GridError(f"`{text}` is no list of values for `{name}`: {reason}") from None
    if not isinstance(listed, Sequence) or not listed.items:
        raise GridError(f"`{name}` has no value to go through")
    return _bounded(name, (value for item in listed.items for value in _values(name, item)))


def _bounded(name: str, values: Iterable[Any]) -> tuple[Any, ...]:
    found = []
    for value in values:
        found.append(value)
        if len(found) > MAX_ROWS:
            raise _too_many(name)
    return tuple(found)


def _too_many(name: str) -> GridError:
    return GridError(f"`{name}` goes through more than {MAX_ROWS:,} values")


def _values(name: str, item: Value) -> Iterable[Any]:
    if not isinstance(item, Scalar) or not isinstance(item.value, str) or item.quoted:
        return (item.plain(),)
    found = _RANGE.match(item.value)
    if found is not None:
        return _range(name, found[0], *found.groups())
    if _PART.match(item.value):
        help = "write `1..8` or `1..8:2`, or quote what is text"
        raise GridError(f"`{item.value}` for `{name}` is no range; {help}")
    return (item.plain(),)


def _range(name: str, text: str, first: str, last: str, step: str | None) -> Iterator[int | float]:
    """The numbers of `a..b:step`: integers where all three are, else the floats nearest to them."""
    given = [each for each in (first, last, step) if each is not None]
    if any(len(each) > _MAX_DIGITS or not isfinite(float(each)) for each in given):
        raise GridError(f"`{text}` for `{name}` has a number out of range")
    begin, end, by = Fraction(first), Fraction(last), Fraction(step or 1)
    if by == 0:
        raise GridError(f"`{text}` for `{name}` has no step")
    if (end - begin) / by < 0:
        way = "up" if end > begin else "down"
        sign = "positive" if end > begin else "negative"
        raise GridError(f"`{text}` for `{name}` goes {way}: its step should be {sign}")
    count = int((end - begin) / by) + 1
    if count > MAX_ROWS:
        raise _too_many(name)
    whole = all(each.lstrip("+-").isdecimal() for each in given)
    kind: type[int] | type[float] = int if whole else float
    return (kind(begin + by * number) for number in range(count))


def axis_of(name: str, values: Any) -> Axis:
    """The axis of values that Python code gives: a list of them, or a single one."""
    single = isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable)
    found = (values,) if single else _bounded(name, values)
    if not found:
        raise GridError(f"`{name}` has no value to go through")
    return Axis(name, found)
