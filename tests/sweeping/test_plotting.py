"""A sweep's rows as a plot: which points are where, which are the front, what they are called."""

from pathlib import Path
from typing import Any

import pytest

from netspec import plot_sweep, sweep
from tests.cli.conftest import Run, run
from tests.plots.drawn import points, texts
from tests.sweeping.networks import family, written

__all__ = ["run"]

pytest.importorskip("matplotlib")

ROWS = [
    {"width": 1, "name": "a$1$", "cost": 1.0, "accuracy": 0.5, "error": None},
    {"width": 2, "name": "b", "cost": 2.0, "accuracy": 0.4, "error": None},
    {"width": 3, "name": "c", "cost": 3.0, "accuracy": 0.9, "error": None},
    {"width": 4, "name": "d", "cost": None, "accuracy": None, "error": "no network"},
]


def test_what_is_unbeaten_is_on_the_line() -> None:
    plot = plot_sweep(ROWS, "cost", "+accuracy", label=["name"])
    (axes,) = plot.figure.axes
    (line,) = axes.lines
    assert points(line) == [(1.0, 0.5), (3.0, 0.9)]
    others: Any = axes.collections[0]
    assert others.get_offsets().tolist() == [[2.0, 0.4]]
    shown = texts(plot.svg)
    assert {"a$1$", "c", "cost", "accuracy"} <= {*shown}
    assert "b" not in shown


def test_the_rows_of_a_sweep() -> None:
    rows = [*sweep(family(), width=[2, 4], kernels=[[3], [3, 3]])]
    plot = plot_sweep(iter(rows), "macs", "params")
    shown = texts(plot.svg)
    assert "width 2, kernels [3, 3]" in shown or "width 2, kernels [3]" in shown
    assert {"MACs (k)", "parameters"} <= {*shown}


@pytest.mark.parametrize(
    ("x", "rows", "message"),
    [
        ("size", ROWS, "`size` is no number in each of the rows"),
        ("name", ROWS, "`name` is no number in each of the rows"),
        ("cost", ROWS[3:], "there is no row to plot"),
    ],
)
def test_what_is_no_point(x: str, rows: list[dict[str, object]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plot_sweep(rows, x, "accuracy")


def test_the_command_has_all_rows(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "front.svg"
    options = ("--set", "width=2..10:2", "--pareto", "macs,params", "-o", str(file))
    result = run("sweep", written(tmp_path), *options)
    assert (result.status, result.out, result.err) == (0, "", "")
    shown = texts(file.read_text(encoding="utf-8"))
    assert "2" in shown  # the least in both is the front
    rows = sweep(family(), width=[2, 4, 6, 8, 10])
    assert file.read_text(encoding="utf-8") == plot_sweep(rows, "macs", "params").svg


def test_mistaken_rows_are_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "front.svg"
    options = ("--pareto", "macs,params", "-o", str(file))
    result = run("sweep", written(tmp_path), "--set", "width=2,0", *options)
    assert result.status == 0
    assert result.err.splitlines()[-1] == "mistaken: 1 of 2 combinations"
    assert file.exists()
    file.unlink()
    result = run("sweep", written(tmp_path), "--set", "width=0", *options)
    assert (result.status, file.exists()) == (1, False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "a plot's axes are the two columns that rows are weighed by: --pareto macs,params"),
        (("--pareto", "macs"), "a plot's axes are the two columns that rows are weighed by"),
        (
            ("--pareto", "macs,params", "--where", "macs < 0"),
            "it leaves no row to plot",
        ),
    ],
)
def test_wrong_usage(options: tuple[str, ...], message: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.svg"
    result = run("sweep", written(tmp_path), "--set", "width=2", "-o", str(file), *options)
    assert (result.status, file.exists()) == (2, False)
    assert message in " ".join(result.err.replace("│", " ").split())
