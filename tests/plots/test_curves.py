"""The curves of runs, from the tables that training writes."""

import sys
from pathlib import Path

import pytest

from netspec import SpecError, plot_runs
from netspec.plots.curves import spread
from netspec.plots.tables import read_run
from tests.cli.conftest import Run, run
from tests.plots.drawn import kinds, points, texts

__all__ = ["run"]

LOG = "step,epoch,lr,loss\r\n10,0.10,0.1,2.5\r\n20,0.20,0.1,1.5\r\n30,0.30,0.01,1.25\r\n"
TESTS = "step,loss,accuracy\r\n15,2.0,0.5\r\n30,1.75,0.75\r\n"


def folder(path: Path, log: str | None = LOG, tests: str | None = TESTS) -> Path:
    path.mkdir()
    for name, text in (("log.csv", log), ("test.csv", tests)):
        if text is not None:
            (path / name).write_text(text, encoding="utf-8", newline="")
    return path


def mistake(path: Path) -> str:
    with pytest.raises(SpecError) as caught:
        read_run(path)
    (found,) = caught.value.diagnostics
    assert found.code == "cannot-read"
    return found.message.replace(str(path), "DIR")


def test_the_figures_of_a_folder(tmp_path: Path) -> None:
    made = read_run(folder(tmp_path / "run"))
    assert [*made.trained["loss"]] == [(10, 20, 30), (2.5, 1.5, 1.25)]
    assert [*made.tested["accuracy"]] == [(15, 30), (0.5, 0.75)]


def test_a_row_that_is_half_written_waits(tmp_path: Path) -> None:
    made = read_run(folder(tmp_path / "run", LOG + "40,0.4", None))
    assert [*made.trained["loss"].steps] == [10, 20, 30]
    assert not made.tested


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (None, "`DIR` has no figures: neither log.csv nor test.csv has a row"),
        ("step,loss\r\n", "`DIR` has no figures: neither log.csv nor test.csv has a row"),
        ("loss,step\r\n1,2\r\n", "can't read `DIR/log.csv`: its first column isn't `step`"),
        (
            "step,loss\r\n1,x\r\n",
            "can't read `DIR/log.csv`: line 2 has something else than numbers",
        ),
        ("step,loss\r\n1\r\n2,3\r\n", "can't read `DIR/log.csv`: line 2 is no row of the table"),
        ("step,loss\r\n1,2,3\r\n", "can't read `DIR/log.csv`: line 2 is no row of the table"),
    ],
)
def test_what_is_no_table(log: str | None, message: str, tmp_path: Path) -> None:
    assert mistake(folder(tmp_path / "run", log, None)) == message


def test_a_run(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    plot = plot_runs(folder(tmp_path / "run"))
    loss, accuracy, rate = plot.figure.axes
    trained, tested = loss.lines
    assert points(trained) == [(10, 2.5), (20, 1.5), (30, 1.25)]
    assert points(tested) == [(15, 2.0), (30, 1.75)]
    assert [*map(points, accuracy.lines)] == [[(15, 0.5), (30, 0.75)]]
    assert [*map(points, rate.lines)] == [[(10, 0.1), (20, 0.1), (30, 0.01)]]
    assert {"loss", "accuracy", "learning rate", "training", "test", "step"} <= {*texts(plot.svg)}


def test_a_rate_that_stays_has_no_panel(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    log = LOG.replace("0.01", "0.1")
    shown = texts(plot_runs(folder(tmp_path / "run", log, None)).svg)
    assert "loss" in shown
    assert not {"learning rate", "training", "test"} & {*shown}


def test_steps_are_whole(tmp_path: Path) -> None:
    log = "step,epoch,lr,loss\r\n1,0.10,0.1,2.5\r\n3,0.20,0.1,1.5\r\n"
    shown = texts(plot_runs(folder(tmp_path / "run", log, None)).svg)
    assert shown[: shown.index("step")] == ["1", "2", "3"]


def test_what_goes_by_powers_of_ten(tmp_path: Path) -> None:
    """A loss and a rate in steps that go far down; not a rate along a curve, nor a share."""
    pytest.importorskip("matplotlib")
    rows = [f"{n},{10 ** -(n // 10)},{2 * 0.8**n}" for n in range(40)]
    log = "\n".join(["step,lr,loss", *rows, ""])
    loss, accuracy, rate = plot_runs(folder(tmp_path / "steps", log)).figure.axes
    assert [each.get_yscale() for each in (loss, accuracy, rate)] == ["log", "linear", "log"]
    rows = [f"{n},{0.5**n},1" for n in range(40)]
    log = "\n".join(["step,lr,loss", *rows, ""])
    *_, rate = plot_runs(folder(tmp_path / "curve", log)).figure.axes
    assert rate.get_yscale() == "linear"


def test_several_runs_are_called_as_their_folders(tmp_path: Path) -> None:
    """Anybody's names, which are text whatever is in them: no formula, no markup."""
    pytest.importorskip("matplotlib")
    names = ["$x^2$", "</text><script>", "\\frac{a}{b} $", "層", "line\nbreak"]
    plot = plot_runs(*[folder(tmp_path / name.replace("/", "∕")) for name in names])
    shown = {*texts(plot.svg)}
    assert {"$x^2$", "<∕text><script>, test", "\\frac{a}{b} $", "層, training"} <= shown
    assert "line\\nbreak" in shown
    assert "script" not in kinds(plot.svg)
    plot.png()  # a character that the font lacks is a box, and no warning


def test_a_figure_may_be_called_anything(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    tests = "step,$a_b$,</text><script>\r\n15,2.0,0.5\r\n"
    svg = plot_runs(folder(tmp_path / "run", None, tests)).svg
    assert {"$a_b$", "</text><script>"} <= {*texts(svg)}
    assert "script" not in kinds(svg)


def test_how_many_runs() -> None:
    for runs in ([], ["run"] * 9):
        with pytest.raises(ValueError, match=f"there are 1 to 8 runs in a plot, not {len(runs)}"):
            plot_runs(*runs)
    with pytest.raises(TypeError, match="`folder` should be a str or a path, not 3"):
        plot_runs(3)  # type: ignore[arg-type]


def test_names_at_the_ends_of_lines_keep_apart() -> None:
    assert spread([0, 20, 40], 10) == [0, 20, 40]
    assert spread([0, 2, 100], 10) == [-4, 6, 100]
    assert spread([10, 10, 10], 10) == [0, 10, 20]
    assert spread([0, 9, 12], 10) == [-3, 7, 17]


def test_the_command(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path, file = folder(tmp_path / "run"), tmp_path / "curves.svg"
    result = run("plot", str(path), "-o", str(file))
    assert (result.status, result.out, result.err) == (0, "", "")
    assert file.read_text(encoding="utf-8") == plot_runs(path).svg
    result = run("plot", str(tmp_path), "-o", str(file))
    assert (result.status, result.err.splitlines()[0]) == (
        1,
        f"error[cannot-read]: `{tmp_path}` has no figures: neither log.csv nor test.csv has a row",
    )
    assert run("plot", str(path), "-o", "x.gif").status == 2


def test_without_matplotlib(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for command in (
        ["plot", str(folder(tmp_path / "run"))],
        ["sweep", "lenet", "--variant", "lenet", "--pareto", "macs,params"],
    ):
        result = run(*command, "-o", str(tmp_path / "x.svg"))
        assert result.status == 1
        assert "error[missing-extra]: this needs `matplotlib`" in result.err
        assert "pip install 'netspec-compiler[plot]'" in result.err
