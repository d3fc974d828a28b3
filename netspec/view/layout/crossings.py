"""How often the wires of a layout cross, as a reader sees it."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
MOST = 200_000
"""Pairs of pieces that are looked at; nobody follows so many wires."""
TOUCHING = 0.5
"""Pieces that go so little beyond each other only meet."""


def crossings(routes: Sequence[Sequence[Point]]) -> int:
    """How often a level piece of one wire crosses an upright one of another. Wires that begin at
    one place, or end at one, are one line with branches, which doesn't cross itself.
    """
    level, upright = [], []
    for number, route in enumerate(routes):
        for (x, y), (x2, y2) in pairwise(route):
            if abs(y - y2) < TOUCHING:
                level.append((y, min(x, x2), max(x, x2), number))
            elif abs(x - x2) < TOUCHING:
                upright.append((x, min(y, y2), max(y, y2), number))
    upright.sort()
    places = [x for x, *_ in upright]
    found, looked = 0, 0
    for y, left, right, number in level:
        start = bisect_left(places, left + TOUCHING)
        end = bisect_left(places, right - TOUCHING)
        looked += end - start
        if looked > MOST:
            break
        for _, top, bottom, other in upright[start:end]:
            if top + TOUCHING < y < bottom - TOUCHING:
                found += not _joined(routes[number], routes[other])
    return found


def _joined(one: Sequence[Point], other: Sequence[Point]) -> bool:
    return _near(one[0], other[0]) or _near(one[-1], other[-1])


def _near(one: Point, other: Point) -> bool:
    return abs(one[0] - other[0]) + abs(one[1] - other[1]) < 2 * TOUCHING
