"""A sweep's networks by two figures, and which of them no other beats in both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from netspec.analysis.columns.column import Unit
from netspec.analysis.totals import TOTALS, Total
from netspec.plots.scale import few_ticks, go_by_powers, heading, is_wide, scaled
from netspec.plots.style import INK, PALE, SMALL, new_figure
from netspec.printable import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

Named: TypeAlias = tuple[tuple[float, float], str]
"""A point of a front, and what it is called."""

SQUARE = 4.0
"""Inches."""
POINT = 2.5
"""Half of what a point of a front takes, in a hundredth of an inch."""
MANY = 2_000
"""More points than these behind a front are pixels, in a file of lines too."""


@dataclass(frozen=True, slots=True)
class Side:
    """An axis: the name of a figure, and whether more of it is better."""

    name: str
    more: bool = False

    @property
    def title(self) -> str:
        """What the axis says, but for the unit."""
        return printable(self.name) if self._total is None else self._total.heading

    @property
    def unit(self) -> Unit | None:
        """What it counts, where it is a figure of a network."""
        return None if self._total is None else self._total.unit

    @property
    def _total(self) -> Total | None:
        there = (total for total in TOTALS if total.needs is None)
        return next((total for total in there if total.name == self.name), None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A network: its two figures, what it is called, and whether it is of the front."""

    x: float
    y: float
    label: str
    best: bool


def front(candidates: Sequence[Candidate], x: Side, y: Side) -> "Figure":
    """All candidates; those of the front on a line, with names as far as there is room."""
    figure = new_figure(SQUARE * 0.8, SQUARE)
    axes = figure.subplots()
    divisors = [_lay_out(axes, "x", x, candidates), _lay_out(axes, "y", y, candidates)]
    points = [(each.x / divisors[0], each.y / divisors[1]) for each in candidates]
    others = [point for point, each in zip(points, candidates, strict=True) if not each.best]
    if others:
        across, up = zip(*others, strict=True)
        behind = axes.scatter(across, up, s=9, color=PALE, linewidths=0)
        behind.set_rasterized(len(others) > MANY)
    best = sorted(
        (point, each.label) for point, each in zip(points, candidates, strict=True) if each.best
    )
    axes.margins(0.12)
    if best:
        line = [point for point, _ in best]
        axes.plot(*zip(*line, strict=True), color=INK, marker="o", markersize=3.5, linewidth=0.8)
        _name(axes, best, x, y)
    return figure


def _lay_out(
    axes: "Axes", which: Literal["x", "y"], side: Side, candidates: Sequence[Candidate]
) -> float:
    """Give an axis its scale and its title; what its numbers are divided by."""
    values = [getattr(each, which) for each in candidates]
    divisor, name = 1.0, ""
    if side.unit is not None and values:
        divisor, name = scaled(max(values), side.unit)
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_label_text(heading(side.title, name))
    if values and is_wide(values):
        axes.set(**{f"{which}scale": "log"})
        go_by_powers(axis, values)
    else:
        few_ticks(axes, which, 6)
    return divisor


def _name(axes: "Axes", best: Sequence[Named], x: Side, y: Side) -> None:
    """Write names on the side where nothing better is, or on the other one: as many as stand
    within the plot and not on each other.
    """
    toward = (1 if x.more else -1, 1 if y.more else -1)
    away = (-toward[0], -toward[1])
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # from here on it is known where things are
    frame, taken = axes.get_window_extent(), _boxes(axes, [point for point, _ in best])
    for point, label in [best[0], *best[:0:-1]]:  # the ends first
        for side in (toward, away):
            text = _beside(axes, point, label, *side)
            box = text.get_window_extent()
            inside = frame.x0 < box.x0 and box.x1 < frame.x1 and frame.y0 < box.y0
            if inside and box.y1 < frame.y1 and not any(map(box.overlaps, taken)):
                taken.append(box)
                break
            text.remove()


def _beside(
    axes: "Axes", point: tuple[float, float], label: str, across: int, up: int
) -> "Annotation":
    return axes.annotate(
        label,
        point,
        xytext=(3.5 * across, 3.5 * up),
        textcoords="offset points",
        ha="left" if across > 0 else "right",
        va="bottom" if up > 0 else "top",
        fontsize=SMALL,
    )


def _boxes(axes: "Axes", points: Sequence[tuple[float, float]]) -> "list[Bbox]":
    """What the points of a front take."""
    from matplotlib.transforms import Bbox

    centers = axes.transData.transform(points)
    return [Bbox.from_extents(x - POINT, y - POINT, x + POINT, y + POINT) for x, y in centers]
