"""What a place of a layer's top sees of a bottom, axis by axis: the words in which layers say it.

From it come the receptive fields of a network.
"""

from enum import Enum
from math import gcd, lcm
from typing import TypeAlias, Union

from netspec.quick import frozen

MAX_PERIOD = 128
"""The most windows that are listed, until they repeat."""


@frozen
class Windows:
    """A window on an axis for each place of another axis, negative ones included.

    With n windows listed, place p sees the places from `first[p % n] + p // n * advance` to
    `last[p % n] + p // n * advance`. Behind an upsampling the windows differ from place to place,
    and n is more than 1. A window that is empty ends before it starts: its first is that of the
    next one that isn't, its last that of the one before.

    >>> Windows((-1,), (1,), 2).at(5)
    (9, 11)
    """

    first: tuple[int, ...] = (0,)
    last: tuple[int, ...] = (0,)
    advance: int = 1

    def at(self, place: int) -> tuple[int, int]:
        """The first and the last place that a place sees."""
        turn, number = divmod(place, len(self.first))
        moved = turn * self.advance
        return self.first[number] + moved, self.last[number] + moved

    @property
    def size(self) -> int:
        """How long the longest window is."""
        if len(self.first) == 1:
            return self.last[0] - self.first[0] + 1
        return max(last - first for first, last in zip(self.first, self.last, strict=True)) + 1

    def seen_from(self, outer: "Windows") -> "Windows | None":
        """What a place sees that sees the places of these windows through `outer`; None where more
        than `MAX_PERIOD` of them would have to be listed.

        >>> Windows((-1,), (1,), 2).seen_from(Windows((-1,), (1,), 1))
        Windows(first=(-3,), last=(3,), advance=2)
        """
        own, others, step = len(self.first), len(outer.first), self.advance
        if own == others == 1:
            first, last = outer.first[0] * step, outer.last[0] * step
            return Windows((first + self.first[0],), (last + self.last[0],), outer.advance * step)
        times = own // gcd(own, outer.advance)
        if others * times > MAX_PERIOD:
            return None
        ends = self._ends if self._is_steady else self._all_ends
        found = [ends(*outer.at(place)) for place in range(others * times)]
        firsts, lasts = zip(*found, strict=True)
        return Windows(firsts, lasts, outer.advance * times // own * step)

    def size_of(self, places: int) -> int:
        """The most that so many neighbouring places see."""
        return max(self.at(n + places - 1)[1] - self.at(n)[0] for n in range(len(self.first))) + 1

    def keeps_pace_with(self, other: "Windows") -> bool:
        """Whether both move by as much from place to place, in the mean."""
        return self.advance * len(other.first) == other.advance * len(self.first)

    def joined(self, other: "Windows") -> "Windows | None":
        """The windows that hold both; None where no list is long enough, as with other strides."""
        period = lcm(len(self.first), len(other.first))
        if period == 1 and self.advance == other.advance:
            first, last = _hull(self.at(0), other.at(0))
            return Windows((first,), (last,), self.advance)
        if not self.keeps_pace_with(other) or period > MAX_PERIOD:
            return None
        found = [_hull(self.at(place), other.at(place)) for place in range(period)]
        firsts, lasts = zip(*found, strict=True)
        return Windows(firsts, lasts, self.advance * (period // len(self.first)))

    @property
    def _is_steady(self) -> bool:
        """Whether no window begins or ends before the one before it does."""
        return all(
            [*ends] == sorted(ends) and ends[-1] <= ends[0] + self.advance
            for ends in (self.first, self.last)
        )

    def _ends(self, start: int, end: int) -> tuple[int, int]:
        return self.at(start)[0], self.at(end)[1]

    def _all_ends(self, start: int, end: int) -> tuple[int, int]:
        """The same, where the first place needn't see the first one of all: those of a turn do."""
        if end < start:
            return self._ends(start, end)
        turn = min(end - start + 1, len(self.first))
        first = min(self.at(start + n)[0] for n in range(turn))
        return first, max(self.at(end - n)[1] for n in range(turn))


def _hull(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    if one[0] > one[1]:
        return other
    if other[0] > other[1]:
        return one
    return min(one[0], other[0]), max(one[1], other[1])


SAME = Windows()
"""Each place sees the one of its number."""


@frozen
class Along:
    """Which places are seen depends on the place along an axis of the top. Which of these it is,
    if one alone is seen at each place, depends on those along the `others`.
    """

    axis: int
    windows: Windows = SAME
    others: tuple[int, ...] = ()


@frozen
class Among:
    """One place is seen, or at most `size` neighbours; which ones, depends on the places along
    these axes of the top, and not in even steps: behind a Flatten, say. `joined` is true where
    other bottoms stand along the axis, too, so that a place of the top sees one of them alone.
    """

    axes: tuple[int, ...]
    joined: bool = False
    size: int = 1


@frozen
class Part:
    """All places of the top see the same ones, from `first` to `last`."""

    first: int
    last: int


class Coverage(Enum):
    """All places are seen.

    WHOLE: they are summed up, as by a product or a pooling, so that what is seen of the input is
    finite where their number is known. EVERY: each takes part in a statistic, a choice or a state,
    which is no matter of windows.
    """

    WHOLE = "whole"
    EVERY = "every"


class Sight(Enum):
    """What holds of all axes: each place sees that of its number along each axis; a place sees
    all of the bottom; it sees nothing of its values.
    """

    POINTWISE = "pointwise"
    EVERYTHING = "everything"
    UNREAD = "unread"


Step: TypeAlias = Along | Among | Part | Coverage
"""What is seen along an axis of the bottom."""
Reach: TypeAlias = Union[Sight, "tuple[Step, ...]"]
"""What is seen of a bottom: along each of its axes, the batch included."""

WHOLE, EVERY = Coverage.WHOLE, Coverage.EVERY
POINTWISE, EVERYTHING, UNREAD = Sight.POINTWISE, Sight.EVERYTHING, Sight.UNREAD
