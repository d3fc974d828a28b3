"""Two sequences side by side: which of their items are the same ones, in order.

Myers 1986, An O(ND) Difference Algorithm and Its Variations, as long as that is quick: its steps
are bounded, and what it doesn't come to is paired with the next equal item.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

Pair = tuple[int, int]

MAX_STEPS = 1_000_000
"""Steps of the algorithm, each a fraction of a microsecond; longer sequences have a few more."""


def align(a: Sequence[int], b: Sequence[int]) -> list[Pair]:
    """Pairs of positions with equal items, rising in both; most often as many as there can be."""
    start = _common(a, b)
    end = _common(a[start:][::-1], b[start:][::-1])
    inner_a, inner_b = a[start : len(a) - end], b[start : len(b) - end]
    found = _shortest_edit(inner_a, inner_b)
    if found is None:
        found = list(_next_equal(inner_a, inner_b))
    return [
        *((each, each) for each in range(start)),
        *((i + start, j + start) for i, j in found),
        *((len(a) - each, len(b) - each) for each in range(end, 0, -1)),
    ]


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    """How many items at the beginning are equal."""
    for number, (one, other) in enumerate(zip(a, b, strict=False)):
        if one != other:
            return number
    return min(len(a), len(b))


def _shortest_edit(a: Sequence[int], b: Sequence[int]) -> list[Pair] | None:
    """The pairs along a shortest way from one sequence to the other; None where it's a long one."""
    if not a or not b:
        return []
    reached, trace = {1: 0}, []
    left = MAX_STEPS + len(a) + len(b)
    for edits in range(len(a) + len(b) + 1):
        trace.append(reached)
        reached = dict(reached)
        left -= 2 * edits + 1  # the copy, too
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (
                diagonal != edits and reached[diagonal - 1] < reached[diagonal + 1]
            )
            i = reached[diagonal + 1] if down else reached[diagonal - 1] + 1
            j = i - diagonal
            before = i
            while i < len(a) and j < len(b) and a[i] == b[j]:
                i, j = i + 1, j + 1
            left -= i - before
            reached[diagonal] = i
            if i >= len(a) and j >= len(b):
                return _walk_back(trace, len(a), len(b))
        if left < 0:
            return None
    return None


def _walk_back(trace: list[dict[int, int]], i: int, j: int) -> list[Pair]:
    pairs = []
    for edits in range(len(trace) - 1, -1, -1):
        reached, diagonal = trace[edits], i - j
        down = diagonal == -edits or (
            diagonal != edits and reached[diagonal - 1] < reached[diagonal + 1]
        )
        before = diagonal + 1 if down else diagonal - 1
        start = reached[before] if edits else 0
        first = start if down else start + 1
        while i > first and i - diagonal > 0 and i > 0:
            i -= 1
            pairs.append((i, i - diagonal))
        i, j = start, start - before
    return pairs[::-1]


def _next_equal(a: Sequence[int], b: Sequence[int]) -> Iterator[Pair]:
    places: dict[int, list[int]] = {}
    for place, each in enumerate(b):
        places.setdefault(each, []).append(place)
    last = -1
    for number, each in enumerate(a):
        those = places.get(each, [])
        found = bisect_right(those, last)
        if found < len(those):
            last = those[found]
            yield number, last
