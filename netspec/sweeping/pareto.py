"""`--pareto`: the rows that no other is better than in everything."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from netspec.diagnostics.suggest import did_you_mean

Row = TypeVar("Row")
Point: TypeAlias = tuple[Any, ...]
"""A row's numbers, less being better in each."""

FEW = 8
"""So many points are compared with each other outright."""
KEPT = 10_000
"""Rows beyond those that may be in the front, after which the others are let go."""


class ParetoError(ValueError):
    """What is to be weighed against each other can't be."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A column of which less is better, or more."""

    name: str
    more: bool = False


def parse_goals(text: str, names: Collection[str]) -> tuple[Goal, ...]:
    """The goals of `macs,+width`: names, `+` before one of which more is better."""
    goals: list[Goal] = []
    for each in text.split(","):
        name = each.strip()
        goal = Goal(name.removeprefix("+").strip(), name.startswith("+"))
        if goal.name not in names:
            help = did_you_mean(goal.name, names) or f"there are {', '.join(names)}"
            raise ParetoError(f"no column is called `{goal.name}`; {help}")
        if any(goal.name == other.name for other in goals):
            raise ParetoError(f"`{goal.name}` is there twice")
        goals.append(goal)
    return tuple(goals)


def front(rows: Iterable[tuple[Point | None, Row]]) -> Iterator[Row]:
    """Those of the rows whose point no other point beats: one that is less in some number and more
    in none. They stay in order; equal points are all there or none, a row without a point is.

    What can't be in the front is let go on the way: there is no more in memory than the front so
    far and as much again.
    """
    kept: list[tuple[Point | None, Row]] = []
    limit = KEPT
    for each in rows:
        kept.append(each)
        if len(kept) > limit:
            kept = _unbeaten(kept)
            limit = 2 * len(kept) + KEPT
    for _, row in _unbeaten(kept):
        yield row


def _unbeaten(rows: list[tuple[Point | None, Row]]) -> list[tuple[Point | None, Row]]:
    best = set(minima(sorted({point for point, _ in rows if point is not None})))
    return [each for each in rows if each[0] is None or each[0] in best]


def minima(points: list[Point]) -> list[Point]:
    """The points that no other beats, of different ones in order: first by the first number.

    Kung, Luccio and Preparata 1975, On Finding the Maxima of a Set of Vectors: n log(n)^(d - 2)
    steps for n points of d numbers, where comparing each with each takes n*n.
    """
    if len(points) <= 1:
        return points
    middle = len(points) // 2
    # No point beats one that comes before it.
    first, second = minima(points[:middle]), minima(points[middle:])
    return first + _rest(first, second, 1)


def _rest(better: list[Point], points: list[Point], at: int) -> list[Point]:
    """The points that none of the better ones is as small as in all numbers from `at` on, in order.

    In those before, all the better ones are as small as all the points.
    """
    if not better or not points:
        return points
    numbers = len(points[0]) - at
    if numbers == 0:
        return []
    if numbers == 1:
        least = min(each[at] for each in better)
        return [each for each in points if each[at] < least]
    if len(better) * len(points) <= FEW * FEW:
        return [each for each in points if not any(_as_small(b, each, at) for b in better)]
    if numbers == 2:
        return _rest_of_two(better, points, at)
    return _rest_of_many(better, points, at)


def _as_small(one: Point, other: Point, at: int) -> bool:
    return all(a <= b for a, b in zip(one[at:], other[at:], strict=True))


def _rest_of_two(better: list[Point], points: list[Point], at: int) -> list[Point]:
    """As `_rest` where two numbers are left: by one sweep along the first of them."""
    ordered = sorted(better, key=lambda each: each[at])
    left, least, number = set(), None, 0
    for each in sorted(points, key=lambda each: each[at]):
        while number < len(ordered) and ordered[number][at] <= each[at]:
            last = ordered[number][at + 1]
            least = last if least is None or last < least else least
            number += 1
        if least is None or each[at + 1] < least:
            left.add(each)
    return [each for each in points if each in left]


def _rest_of_many(better: list[Point], points: list[Point], at: int) -> list[Point]:
    """As `_rest`, by halves along the number at `at`."""
    values = sorted({each[at] for each in (*better, *points)})
    if len(values) == 1:
        return _rest(better, points, at + 1)
    middle = values[(len(values) - 1) // 2]
    low, high = _halves(better, at, middle)
    small, large = _halves(points, at, middle)
    left = {*_rest(low, small, at)}
    # What is high can't be as small as a small point; what is low is smaller than a large one.
    left |= {*_rest(low, _rest(high, large, at), at + 1)}
    return [each for each in points if each in left]


def _halves(points: Sequence[Point], at: int, middle: Any) -> tuple[list[Point], list[Point]]:
    low = [each for each in points if each[at] <= middle]
    return low, [each for each in points if each[at] > middle]
