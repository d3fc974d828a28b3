"""Other values of vars to try, and when so many have been tried that they tell enough.

What a spec makes of vars are sums of multiples of its expressions of them (see `reach`). Two such
sums that agree in some points agree everywhere if in these points the expressions are as
independent of each other as they ever are: `min(x, 32)` is nothing but `x` until an `x` over 32
has been tried. Ranks of matrices say so.
"""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from netspec.expressions.syntax import Expression, Index, Literal, Name
from netspec.lower.torch.formula import value

Values: TypeAlias = Mapping[str, Any]
Row: TypeAlias = list[Fraction]

SERIES: tuple[Callable[[int, int], int], ...] = (
    lambda given, number: given + 1 + number,
    lambda given, number: given + 3 + 2 * number,
    lambda given, number: 2 * given,
    lambda given, number: 2 * given + 3 + number,
    lambda given, number: 4 * given,
    lambda given, number: 8 * given,
)
"""Values near the given, among them multiples: of channels that are divided into groups."""

FAR = (16, 64)
"""Multiples that are tried if all of those haven't told enough."""

POINTS = 64
"""In so many points the expressions show how independent they are."""


def tries(given: Values, variables: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Other values of the vars; an integer may be divided into others, so these differ much."""
    longest = max(
        (len(given[name]) for name in variables if isinstance(given[name], list)), default=0
    )
    for series in range(max(len(SERIES) + len(FAR), 3 * longest)):
        yield {name: _other(given[name], series, at) for at, name in enumerate(variables)}


def _other(given: Any, series: int, number: int) -> Any:
    if isinstance(given, list):
        return _other_list(given, series)
    if isinstance(given, float):
        return (given or 1.0) / (2 + series + number)
    if series < len(SERIES):
        # Each var begins elsewhere, so that no two are the same multiple of each other.
        return SERIES[(series + number) % len(SERIES)](given, number)
    return given * FAR[(series - len(SERIES)) % len(FAR)]


def _other_list(given: Sequence[int], series: int) -> list[int]:
    """Each entry by itself is greater once: among small ones, which are quickly tried, then among
    the given, then as a multiple.
    """
    turn, chosen = divmod(series, len(given))
    if turn == 0:
        return [2 + (at == chosen) for at in range(len(given))]
    if turn == 1:
        return [each + (at == chosen) for at, each in enumerate(given)]
    return [each * (2 + (at == chosen)) for at, each in enumerate(given)]


class Telling:
    """Whether points tell all expressions of some vars apart, and one point more confirms it."""

    def __init__(self, given: Values, variables: Sequence[str], read: Sequence[Expression]) -> None:
        found = [*_entries(given, variables), *read]
        self._expressions = [each for each in found if _is_number(value(each, given))]
        self._rows = [row for row in [self._row(given)] if row is not None]
        chance = random.Random(0)
        points = ({**given, **_anywhere(given, variables, chance)} for _ in range(POINTS))
        rows = (self._row(point) for point in points)
        self._rank = _rank([*self._rows, *(row for row in rows if row is not None)])

    def add(self, point: Values) -> bool:
        """Take a point; False if some expression has no value there."""
        row = self._row(point)
        if row is not None:
            self._rows.append(row)
        return row is not None

    @property
    def enough(self) -> bool:
        return len(self._rows) > self._rank == _rank(self._rows)

    def _row(self, point: Values) -> Row | None:
        values = [value(each, point) for each in self._expressions]
        return [Fraction(1), *map(Fraction, values)] if all(map(_is_number, values)) else None


def _entries(given: Values, variables: Sequence[str]) -> Iterator[Expression]:
    """The numbers that the vars hold, as expressions."""
    for name in variables:
        if isinstance(given[name], list):
            for at in range(len(given[name])):
                yield Index(0, 0, Name(0, 0, name), Literal(0, 0, at))
        else:
            yield Name(0, 0, name)


def _anywhere(given: Values, variables: Sequence[str], chance: random.Random) -> dict[str, Any]:
    """Values of every magnitude."""

    def anything(each: Any) -> Any:
        if isinstance(each, list):
            return [anything(inner) for inner in each]
        return chance.random() if isinstance(each, float) else int(2 ** chance.uniform(0, 30))

    return {name: anything(given[name]) for name in variables}


def _is_number(found: Any) -> bool:
    return type(found) is int or (type(found) is float and math.isfinite(found))


def _rank(rows: Sequence[Row]) -> int:
    """The rank of a matrix, by elimination."""
    basis: list[tuple[int, Row]] = []
    for row in rows:
        rest = row
        for pivot, other in basis:
            factor = rest[pivot] / other[pivot]
            if factor:
                rest = [a - factor * b for a, b in zip(rest, other, strict=True)]
        first = next((at for at, each in enumerate(rest) if each), None)
        if first is not None:
            basis.append((first, rest))
    return len(basis)
