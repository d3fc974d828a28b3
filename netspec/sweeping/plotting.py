"""`netspec.plot_sweep`: the rows of a sweep by two figures, with those that no other beats."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from netspec import arguments
from netspec.plots.front import Candidate, Side, front
from netspec.plots.plot import Plot
from netspec.printable import printable
from netspec.sweeping.figures import EVERY
from netspec.sweeping.pareto import Goal
from netspec.sweeping.pareto import front as unbeaten
from netspec.sweeping.rows import ERROR
from netspec.sweeping.writing import text


def plot_sweep(
    rows: Iterable[Mapping[str, Any]], x: str, y: str, *, label: Sequence[str] | None = None
) -> Plot:
    """The `rows` that `sweep` gives, or such with more columns, as points: `x` and `y` name what
    they are laid out by, less being better, or with `+` before it more. Those that no other beats
    are on a line, with their values of `label`: what was swept, unless said.

    A row with an `error` is left out. SpecError where the extra `plot` is missing, ValueError where
    a row has no such number, and where there are no rows.
    """
    goals = _goal(x, "x"), _goal(y, "y")
    names = None if label is None else arguments.names(label, "label")
    right = [row for row in rows if row.get(ERROR) is None]
    if not right:
        raise ValueError("there is no row to plot")
    for row in right:
        for goal in goals:
            if type(row.get(goal.name)) not in (int, float):
                raise ValueError(f"`{goal.name}` is no number in each of the rows")
    return plotted(right, goals, names)


def _goal(name: Any, argument: str) -> Goal:
    word = arguments.text(name, argument)
    return Goal(word.removeprefix("+").strip(), word.startswith("+"))


def plotted(
    rows: Sequence[Mapping[str, Any]],
    goals: tuple[Goal, Goal],
    label: Collection[str] | None = None,
) -> Plot:
    """The plot of rows that have numbers for both goals."""
    known = {*EVERY, ERROR, *(goal.name for goal in goals)}
    names = [name for name in rows[0] if name not in known] if label is None else label
    vary = [name for name in names if any(row.get(name) != rows[0].get(name) for row in rows)]
    x, y = goals
    best = {*unbeaten((_point(row, goals), number) for number, row in enumerate(rows))}
    candidates = [
        Candidate(row[x.name], row[y.name], _label(row, vary), number in best)
        for number, row in enumerate(rows)
    ]
    return Plot(lambda: front(candidates, Side(x.name, x.more), Side(y.name, y.more)))


def _point(row: Mapping[str, Any], goals: Iterable[Goal]) -> tuple[Any, ...]:
    return tuple(-row[goal.name] if goal.more else row[goal.name] for goal in goals)


def _label(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """What a network is called: its values of what differs, with names where these are several."""
    return ", ".join(_words(row, names))


def _words(row: Mapping[str, Any], names: Sequence[str]) -> Iterator[str]:
    for name in names:
        value = text(row.get(name))
        is_word = len(names) == 1 or isinstance(row.get(name), str)
        yield value if is_word else f"{printable(name)} {value}"
