"""`netspec.plot_sweep`: the rows of a sweep by two figures, with those that no other beats."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netspec import arguments

if TYPE_CHECKING:
    from netspec.plots.plot import Plot


def plot_sweep(
    rows: Iterable[Mapping[str, Any]], x: str, y: str, *, label: Sequence[str] | None = None
) -> "Plot":
    """The `rows` that `sweep` gives, or such with more columns, as points: `x` and `y` name what
    they are laid out by, less being better, or with `+` before it more. Those that no other beats
    are on a line, with their values of `label`: what was swept, unless said.

    A row with an `error` is left out. SpecError where the extra `plot` is missing, ValueError where
    a row has no such number, and where there are no rows.
    """
    from netspec.sweeping.points import goal, plotted

    goals = goal(arguments.text(x, "x")), goal(arguments.text(y, "y"))
    names = None if label is None else arguments.names(label, "label")
    return plotted(list(rows), goals, names)
