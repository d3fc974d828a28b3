"""The rows of a sweep as points: where they are, which no other beats, what they are called."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from netspec.plots.front import Candidate, Side, front
from netspec.plots.plot import Plot
from netspec.printable import printable
from netspec.sweeping.figures import EVERY
from netspec.sweeping.pareto import Goal
from netspec.sweeping.pareto import front as unbeaten
from netspec.sweeping.rows import ERROR
from netspec.sweeping.writing import text


def goal(name: str) -> Goal:
    """The goal of `macs` or `+accuracy`."""
    return Goal(name.removeprefix("+").strip(), name.startswith("+"))


def plotted(
    rows: Sequence[Mapping[str, Any]],
    goals: tuple[Goal, Goal],
    label: Collection[str] | None = None,
) -> Plot:
    """The plot of those rows that aren't mistaken; ValueError where there are none, or one has no
    number for a goal. `label` are the columns that rows are called by: what was swept, unless said.
    """
    right = [row for row in rows if row.get(ERROR) is None]
    if not right:
        raise ValueError("there is no row to plot")
    for row in right:
        for each in goals:
            if type(row.get(each.name)) not in (int, float):
                raise ValueError(f"`{each.name}` is no number in each of the rows")
    known = {*EVERY, ERROR, *(each.name for each in goals)}
    names = [name for name in right[0] if name not in known] if label is None else label
    vary = [name for name in names if any(row.get(name) != right[0].get(name) for row in right)]
    x, y = goals
    best = {*unbeaten((_point(row, goals), number) for number, row in enumerate(right))}
    candidates = [
        Candidate(row[x.name], row[y.name], ", ".join(_words(row, vary)), number in best)
        for number, row in enumerate(right)
    ]
    return Plot(lambda: front(candidates, Side(x.name, x.more), Side(y.name, y.more)))


def _point(row: Mapping[str, Any], goals: Iterable[Goal]) -> tuple[Any, ...]:
    return tuple(-row[each.name] if each.more else row[each.name] for each in goals)


def _words(row: Mapping[str, Any], names: Sequence[str]) -> Iterator[str]:
    """A row's values of what differs, with names where several do."""
    for name in names:
        value = text(row.get(name))
        is_word = len(names) == 1 or isinstance(row.get(name), str)
        yield value if is_word else f"{printable(name)} {value}"
