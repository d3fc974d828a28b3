"""What the layers of a network cost, from its input down: a panel for each column of a summary."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from netspec.analysis.columns.catalogue import besides, columns
from netspec.analysis.columns.column import Column, Unit, Value
from netspec.analysis.columns.figures import Asked
from netspec.analysis.columns.wrong import Wrong
from netspec.analysis.summary import Summary
from netspec.analysis.units import short
from netspec.graph.sizes import SymbolicSize
from netspec.plots.scale import few_ticks, finite, heading, number, scaled
from netspec.plots.style import FAINT, INK, RULE, SMALL, WIDTH, bare, new_figure
from netspec.printable import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BARS = 60
"""So many rows have names and numbers; more are a profile, whose parts have names."""
LINE, HEAD = 0.155, 0.5
"""Inches: a bar's row, and what stands above all."""
PANEL = 1.25
"""Inches: the height of a profile's panel."""
NEAR = 0.9
"""What is so much of the most, is about as dear."""
LETTER = 0.062
"""Inches: the width of a small letter, about."""


def usual(asked: Asked) -> tuple[str, ...]:
    """The columns that are shown unless others are named: those of lectures, and times."""
    return ("activation_bytes", "params", *besides(asked)[:2])


def shown(summary: Summary) -> tuple[Column, ...]:
    """The columns that a plot shows; Wrong where it can't."""
    chosen = columns(summary.named or usual(summary.figures.asked))
    for each in chosen:
        values = [value for value in summary.values(each) if value is not None]
        if any(isinstance(value, SymbolicSize) for value in values):
            fix = "give the inputs fixed sizes (`--input`)"
            raise Wrong("columns", f"`{each.name}` has formulas, and a plot shows numbers: {fix}")
        if not all(isinstance(value, int | float) for value in values):
            raise Wrong("columns", f"`{each.name}` has no numbers that a plot could show")
    return chosen


def costs(summary: Summary, chosen: Sequence[Column]) -> "Figure":
    """Bars with names and numbers; of many rows a profile."""
    names = [printable(place.path) for place in summary.places]
    if len(names) <= BARS:
        return _bars(summary, chosen, names)
    return _profile(summary, chosen, names)


def _bars(summary: Summary, chosen: Sequence[Column], names: Sequence[str]) -> "Figure":
    room = max(map(len, names), default=0) * LETTER
    width = max(WIDTH, room + 1.3 * len(chosen))
    figure = new_figure(HEAD + LINE * max(1, len(names)), width)
    panels = figure.subplots(1, len(chosen), sharey=True, squeeze=False)[0]
    places = range(len(names))
    for axes, column in zip(panels, chosen, strict=True):
        values = summary.values(column)
        lengths = [0.0 if value != value else value for value in map(number, values)]
        axes.barh(places, lengths, height=0.72, color=INK)
        axes.set_title(column.heading)
        axes.set_xlim(0, max(lengths, default=0) * 1.45 or 1)  # a number stands behind each bar
        bare(axes, "bottom", "left")
        axes.tick_params(labelbottom=False, left=False)
        axes.axvline(0, color=RULE, linewidth=0.6)
        for place, length, value in zip(places, lengths, values, strict=True):
            axes.annotate(
                _told(value, column.unit),
                (length, place),
                xytext=(2, 0),
                textcoords="offset points",
                va="center_baseline",
                fontsize=SMALL - 1,
            )
    panels[0].set_yticks(places, names)
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    return figure


def _told(value: Value, unit: Unit) -> str:
    """A number as it stands at a bar: nothing for nothing."""
    return short(value, unit) if value else ""


def _profile(summary: Summary, chosen: Sequence[Column], names: Sequence[str]) -> "Figure":
    figure = new_figure(HEAD + PANEL * len(chosen))
    panels = [*figure.subplots(len(chosen), 1, sharex=True, squeeze=False)[:, 0]]
    edges = [place - 0.5 for place in range(len(names) + 1)]
    for axes, column in zip(panels, chosen, strict=True):
        values = list(map(number, summary.values(column)))
        divisor, unit = scaled(max(finite(values), default=0), column.unit)
        heights = [0.0 if value != value else value / divisor for value in values]
        axes.stairs(heights, edges, fill=True, color=INK, linewidth=0)
        axes.set_title(heading(column.heading, unit))
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0, max(heights) * 1.15 or 1)
        axes.tick_params(bottom=False)
        few_ticks(axes, "y", 4)
        _name_the_highest(axes, names, heights)
    _name_parts(panels, names)
    return figure


def _name_the_highest(axes: "Axes", names: Sequence[str], heights: Sequence[float]) -> None:
    """Write the name of the dearest row above it, where none is about as dear."""
    top = max(heights)
    if sum(height >= NEAR * top for height in heights) != 1:
        return
    place = heights.index(top)
    third = place * 3 // len(names)
    axes.annotate(
        names[place],
        (place, top),
        xytext=(0, 1.5),
        textcoords="offset points",
        ha=("left", "center", "right")[third],
        va="bottom",
        fontsize=SMALL,
    )


def _name_parts(panels: "Sequence[Axes]", names: Sequence[str]) -> None:
    """Say which layers are whose: lines around a part of the network, its name below."""
    begin, parts = 0, []
    for part, of_it in groupby(name.partition(".")[0] for name in names):
        count = sum(1 for _ in of_it)
        if count > 1:
            parts.append((begin + (count - 1) / 2, part))
            for axes in panels:
                for edge in (begin - 0.5, begin + count - 0.5):
                    axes.axvline(edge, color=FAINT, linewidth=0.5, zorder=0)
        begin += count
    inch = len(names) / (WIDTH - 0.6)
    room = [(len(part) + 1) / 2 * LETTER * inch for _, part in parts]
    if fits := _apart(parts, room) == parts:
        told = parts
    else:
        told = _apart(parts, [LINE / 2 * inch] * len(parts))
    panels[-1].set_xticks([place for place, _ in told], [name for _, name in told])
    if not fits:
        panels[-1].tick_params("x", rotation=40, pad=1)
        for label in panels[-1].get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")


def _apart(parts: list[tuple[float, str]], room: Sequence[float]) -> list[tuple[float, str]]:
    """The parts that have so much room on both sides, the first ones first."""
    told, free = [], float("-inf")
    for (middle, part), half in zip(parts, room, strict=True):
        if middle - half >= free:
            told.append((middle, part))
            free = middle + half
    return told
