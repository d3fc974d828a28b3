"""Small bars for shares."""

from collections.abc import Sequence
from enum import Enum

from netspec.analysis.columns.column import Value


class Bars(Enum):
    """The characters that bars are drawn with: those of a part of a cell, from the least up to
    the whole.
    """

    NONE = ""
    ASCII = "#"
    BLOCKS = "▏▎▍▌▋▊▉█"

    @classmethod
    def encodable(cls, encoding: str) -> "Bars":
        """Blocks where a stream's encoding has them, ASCII else."""
        try:
            cls.BLOCKS.value.encode(encoding)
        except (UnicodeError, LookupError):
            return cls.ASCII
        return cls.BLOCKS


def drawn(values: Sequence[Value], width: int, bars: Bars) -> list[str]:
    """A bar for each value, the largest as wide as that; none for what is no number.

    >>> drawn([0.5, 0.25, 0.001, 0.0], 4, Bars.BLOCKS)
    ['████', '██', '▏', '']
    """
    numbers = [each if isinstance(each, int | float) else 0 for each in values]
    most = max(numbers, default=0)
    return [_bar(each / most, width, bars) if each > 0 else "" for each in numbers]


def _bar(part: float, width: int, bars: Bars) -> str:
    steps = len(bars.value)
    filled = max(1, round(part * width * steps))
    whole, rest = divmod(filled, steps)
    return bars.value[-1] * whole + (bars.value[rest - 1] if rest else "")
