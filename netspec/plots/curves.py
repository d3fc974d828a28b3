"""The curves of runs: the loss as it was trained, and the figures of each test."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from netspec.plots.scale import few_ticks, finite, go_by_powers, is_wide
from netspec.plots.style import COLORS, SMALL, WIDTH, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL = 1.7
"""Inches: the height of a panel."""
GAP = SMALL + 1.5
"""Points between two names at the ends of lines."""
BESIDE = ("step", "epoch")
"""What of a run's tables is no curve."""
STAIRS = 8
"""A rate of no more values goes down in steps, by powers of ten; another is a curve."""
RATE, LOSS = "lr", "loss"


class Curve(NamedTuple):
    """A figure at steps."""

    steps: Sequence[float]
    values: Sequence[float]


class Run(NamedTuple):
    """A run: what it is called, and the figures of training and of tests by their names."""

    name: str
    trained: Mapping[str, Curve]
    tested: Mapping[str, Curve]


class Line(NamedTuple):
    """A curve as it is drawn."""

    label: str
    curve: Curve
    color: str
    is_test: bool


def curves(runs: Sequence[Run]) -> "Figure":
    """A panel for the loss, one for each other figure of tests, one for a rate that changes."""
    panels = {name: lines for name in _names(runs) if (lines := _lines(runs, name))}
    figure = new_figure(PANEL * len(panels) + 0.3, WIDTH * 0.75)
    every = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (name, lines) in zip(every, panels.items(), strict=True):
        axes.set_title("learning rate" if name == RATE else name)
        for line in lines:
            marked = len(line.curve.steps) == 1  # a line of one point shows nothing
            axes.plot(
                *line.curve,
                color=line.color,
                linewidth=1.4 if line.is_test else 0.8,
                marker="o" if marked else None,
                markersize=3,
            )
        axes.margins(x=0.01)
        _scale(axes, name, lines)
    every[-1].set_xlabel("step")
    every[-1].xaxis.get_major_locator().set_params(integer=True)  # there is no half a step
    every[-1].xaxis.set_major_formatter(lambda step, _: f"{step:,.0f}")
    figure.draw_without_rendering()  # from here on it is known where things are
    for axes, lines in zip(every, panels.values(), strict=True):
        _name(axes, lines)
    return figure


def _names(runs: Sequence[Run]) -> list[str]:
    """The figures that panels show: what a run learns by, how it fares, its rate."""
    tested = [name for run in runs for name in run.tested if name not in BESIDE]
    rates = [run.trained[RATE].values for run in runs if RATE in run.trained]
    changes = any(len(set(values)) > 1 for values in rates)
    return [*dict.fromkeys([LOSS, *tested, *([RATE] if changes else [])])]


def _lines(runs: Sequence[Run], name: str) -> list[Line]:
    made = []
    for number, run in enumerate(runs):
        parts = [("training", run.trained, False), ("test", run.tested, True)]
        there = [(word, table[name], is_test) for word, table, is_test in parts if name in table]
        for word, curve, is_test in there:
            words = [run.name] if len(runs) > 1 else []
            words += [word] if len(there) > 1 else []
            color = COLORS[number] if len(runs) > 1 else COLORS[is_test]
            made.append(Line(", ".join(words), curve, color, is_test))
    return [line for line in made if finite(line.curve.values)]


def _scale(axes: "Axes", name: str, lines: Sequence[Line]) -> None:
    values = [value for line in lines for value in finite(line.curve.values)]
    by_powers = name == LOSS or (name == RATE and len({*values}) <= STAIRS)
    if by_powers and is_wide(values):
        axes.set_yscale("log")
        go_by_powers(axes.yaxis, values)
    else:
        axes.ticklabel_format(axis="y", useOffset=False)
        few_ticks(axes, "y")


def _name(axes: "Axes", lines: Sequence[Line]) -> None:
    """Write the name of each line at its end, in its colour, below each other where ends meet."""
    box, figure = axes.get_window_extent(), axes.get_figure(root=True)
    assert figure is not None
    points = 72 / figure.dpi
    ends = sorted((_end(axes, line.curve) * points, number) for number, line in enumerate(lines))
    places = spread([end for end, _ in ends])
    for place, (_, number) in zip(places, ends, strict=True):
        line = lines[number]
        axes.annotate(
            line.label,
            (1, (place / points - box.y0) / box.height),
            xycoords="axes fraction",
            xytext=(3, 0),
            textcoords="offset points",
            color=line.color,
            va="center",
            fontsize=SMALL,
        )


def _end(axes: "Axes", curve: Curve) -> float:
    """The height in pixels at which a curve ends."""
    pairs = zip(reversed(curve.steps), reversed(curve.values), strict=True)
    last = next(pair for pair in pairs if finite([pair[1]]))
    return float(axes.transData.transform(last)[1])


def spread(places: Sequence[float], gap: float = GAP) -> list[float]:
    """Places in order, moved as little as keeps them a gap apart: those that crowd stand around
    their middle.
    """
    groups: list[tuple[float, int]] = []  # the middle of each, and how many are in it
    for place in places:
        groups.append((place, 1))
        while len(groups) > 1 and _bottom(groups[-1], gap) < _top(groups[-2], gap) + gap:
            (high, more), (low, some) = groups.pop(), groups.pop()
            groups.append(((high * more + low * some) / (more + some), more + some))
    return [_bottom(group, gap) + number * gap for group in groups for number in range(group[1])]


def _bottom(group: tuple[float, int], gap: float) -> float:
    return group[0] - (group[1] - 1) / 2 * gap


def _top(group: tuple[float, int], gap: float) -> float:
    return group[0] + (group[1] - 1) / 2 * gap
