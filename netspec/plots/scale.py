"""Axes that count: in a unit that its numbers are short in, or by powers of ten."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Literal

from netspec.analysis.columns.column import Unit
from netspec.analysis.units import BINARY, PARTS, THOUSANDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

WIDE = 30
"""So many times the least is the most where an axis goes by powers of ten."""
MANY_POWERS = 300
"""So many times, and there is room for the powers alone."""


def scaled(largest: float, unit: Unit) -> tuple[float, str]:
    """What to divide numbers by as large as this one, and the unit that they are then in."""
    names, base = (BINARY, 1024) if unit is Unit.BYTES else (THOUSANDS, 1000)
    if unit is Unit.SECONDS:
        step = next((n for n in range(len(PARTS)) if largest * 1000**n >= 1), len(PARTS) - 1)
        return 1000.0**-step, PARTS[step]
    if unit is Unit.RATIO:
        return 1.0, ""
    if unit is Unit.SHARE:
        return 0.01, "%"
    step = next((n for n in range(len(names)) if largest < base ** (n + 1)), len(names) - 1)
    return float(base**step), names[step]


def heading(name: str, unit: str) -> str:
    """What an axis says that it shows."""
    return f"{name} ({unit})" if unit else name


def is_wide(values: Sequence[float]) -> bool:
    """Whether values are better told apart by their powers of ten."""
    return min(values) > 0 and max(values) / min(values) >= WIDE


def go_by_powers(axis: "Axis", values: Sequence[float]) -> None:
    """Let an axis go by powers of ten, with numbers as people write them at its ticks: ones alone
    where the values go through many.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    subs = (1, 2, 5) if max(values) / min(values) < MANY_POWERS else (1,)
    axis.set_major_locator(LogLocator(subs=subs, numticks=6))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
    axis.set_minor_formatter(NullFormatter())


def few_ticks(axes: "Axes", which: Literal["x", "y"], most: int = 5) -> None:
    """Let an axis have few ticks, at round numbers."""
    axes.locator_params(axis=which, nbins=most)


def number(value: object) -> float:
    """A value as a number of a plot's; NaN, which no plot shows, for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return float("nan")
    try:
        return float(value)
    except OverflowError:
        return float("nan")


def finite(values: Sequence[float]) -> list[float]:
    """Those of them that a plot shows."""
    return [value for value in values if isfinite(value)]
