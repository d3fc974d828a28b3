"""A table's cells fitted into a width: shortened, or left out, never broken."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import NamedTuple

GAP = 2
"""Blanks between columns."""
LEAST_PATH, LEAST_TEXT, LEAST_FORMULA = 14, 12, 16
"""What a path, other text and a formula are shortened to at the most."""


class Give(IntEnum):
    """How a column gives way, those of the first kind first: a bar is drawn shorter, text loses its
    end, a path loses its middle.
    """

    DRAW = 0
    END = 1
    MIDDLE = 2


class Strip(NamedTuple):
    """A column as text. `least` is the width that it can be brought down to, `draw` makes the cells
    of a bar for a width. A `tail` stands behind the column before it, with a single blank, and
    isn't missed: a bar, a mark.
    """

    name: str
    heading: str
    cells: tuple[str, ...]
    right: bool = False
    least: int = LEAST_FORMULA
    give: Give = Give.END
    draw: Callable[[int], tuple[str, ...]] | None = None
    tail: bool = False

    @property
    def width(self) -> int:
        return max(len(self.heading), max(map(len, self.cells), default=0))

    @property
    def floor(self) -> int:
        """The least width that it can be given."""
        return min(self.width, max(self.least, len(self.heading)))

    def shortened(self, width: int) -> "Strip":
        """The column at that width at the most."""
        if self.width <= width:
            return self
        if self.draw is not None:
            return self._replace(cells=self.draw(width))
        shorten = middle if self.give is Give.MIDDLE else end
        cells = tuple([shorten(cell, width) for cell in self.cells])
        return self._replace(heading=end(self.heading, width), cells=cells)


def end(text: str, width: int) -> str:
    """A text without its end.

    >>> end("1792*H*W + 1024*ceil(H/2)", 12)
    '1792*H*W + …'
    """
    return text if len(text) <= width else text[: width - 1] + "…"


def middle(text: str, width: int) -> str:
    """A text without its middle; more is left of the end, which tells paths apart.

    >>> middle("features.denseblock3.denselayer24.conv2", 20)
    'feature…ayer24.conv2'
    """
    if len(text) <= width:
        return text
    front = (width - 1) * 2 // 5
    return f"{text[:front]}…{text[len(text) - (width - 1 - front) :]}"


def fit(
    strips: Sequence[Strip], width: int | None, spare: Sequence[str] = ()
) -> tuple[list[Strip], list[str]]:
    """The columns within a width, and the names of those that are left out for it.

    What can be shortened is, as far as must be. What goes are tails, then the spare columns, then
    the last ones; the first column stays in any case.
    """
    chosen = [*strips]
    if width is None:
        return chosen, []
    while len(chosen) > 1 and _width([each.floor for each in chosen], chosen) > width:
        chosen.remove(_dispensable(chosen, spare))
    there = {each.name for each in chosen}
    gone = [each.name for each in strips if not each.tail and each.name not in there]
    return _shortened(chosen, width), gone


def total_width(strips: Sequence[Strip]) -> int:
    """The width of columns beside each other."""
    return _width([each.width for each in strips], strips)


def _width(widths: Sequence[int], strips: Sequence[Strip]) -> int:
    return sum(widths) + sum([1 if each.tail else GAP for each in strips]) - GAP


def _dispensable(strips: Sequence[Strip], spare: Sequence[str]) -> Strip:
    tails = [each for each in strips if each.tail]
    spared = [each for name in spare for each in strips[1:] if each.name == name]
    return (tails[-1:] or spared[:1] or [strips[-1]])[0]


def _shortened(strips: list[Strip], width: int) -> list[Strip]:
    """The columns, the widest ones of each kind shortened until all of them fit."""
    order = sorted(range(len(strips)), key=lambda n: (strips[n].give, -strips[n].width))
    for number in order:
        each = strips[number]
        over = total_width(strips) - width
        if over > 0:
            strips[number] = each.shortened(max(each.floor, each.width - over))
    return strips


def lines(strips: Sequence[Strip]) -> list[tuple[str, str]]:
    """The rows of a table below its heading, each as what stands before a bar and the bar with
    what follows it.
    """
    rows = zip(*[(each.heading, *each.cells) for each in strips], strict=True)
    widths = [each.width for each in strips]
    made = []
    for row in rows:
        before = after = ""
        for strip, cell, width in zip(strips, row, widths, strict=True):
            padded = cell.rjust(width) if strip.right else cell.ljust(width)
            gap = " " if strip.tail else " " * GAP
            if strip.tail or after:
                after += gap + padded
            else:
                before += (gap if before else "") + padded
        made.append((before, after))
    return made
