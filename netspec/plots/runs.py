"""`netspec.plot_runs`: the curves of runs, from the tables in their folders."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netspec import arguments

if TYPE_CHECKING:
    from pathlib import Path

    from netspec.plots.plot import Plot

MOST = 8
"""Runs in one plot: as many as there are colours that are told apart."""


def plot_runs(*folders: "str | Path") -> "Plot":
    """The curves of the runs in some `folders` of `netspec train`: the loss as it was trained and
    tested, each other figure of the tests, the learning rate where it changes.

    Several runs are lines in the same panels, called as their folders are. SpecError where a folder
    has no figures, or the extra `plot` is missing; ValueError for no folder, and for more than 8.
    """
    from pathlib import Path

    from netspec.plots.curves import curves
    from netspec.plots.plot import Plot
    from netspec.plots.tables import read_run

    paths = [Path(arguments.path(folder, "folder")) for folder in folders]
    if not 1 <= len(paths) <= MOST:
        raise ValueError(f"there are 1 to {MOST} runs in a plot, not {len(paths)}")
    names = names_of(paths)
    runs = [read_run(path, name) for path, name in zip(paths, names, strict=True)]
    return Plot(lambda: curves(runs))


def names_of(paths: "Sequence[Path]") -> list[str]:
    """What folders are called: by their last part, or in full where these are alike."""
    names = [path.name or str(path) for path in paths]
    return names if len({*names}) == len(names) else [str(path) for path in paths]
