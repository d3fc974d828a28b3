"""What layers cost as bars and as a profile, held against the table that lectures show."""

from pathlib import Path
from typing import Any

import pytest

from netspec import Network, SpecError, load, loads
from netspec.analysis.columns.column import Unit
from netspec.plots.scale import scaled
from tests.cli.conftest import Result, Run, run
from tests.cli.test_lecture_table import ROWS
from tests.plots.drawn import texts

__all__ = ["run"]

pytest.importorskip("matplotlib")


OPEN = """\
netspec: 1
name: Net
inputs: {data: [N, 3, H, W]}
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
"""


def words(result: Result) -> str:
    """What a run complains about, without the frame around it."""
    return " ".join(result.err.replace("│", " ").split())


def lengths(net: Network, name: str) -> list[float]:
    figure: Any = net.plot(columns=[name], compact=True).figure
    return [bar.get_width() for bar in figure.axes[0].patches]


def test_the_bars_of_vgg16_are_the_rows_of_the_lectures() -> None:
    net = load("vgg16")
    assert lengths(net, "activations") == [memory for _, _, _, memory, _ in ROWS]
    assert lengths(net, "weights") == [weights for _, _, _, _, weights in ROWS]


def test_names_and_numbers_stand_at_the_bars() -> None:
    shown = texts(load("alexnet").plot(compact=True).svg)
    assert {"data", "conv1", "fc8", "top bytes", "parameters", "MACs"} <= {*shown}
    assert "37.75 M" in shown  # 9216 * 4096 + 4096, the weights of fc6
    assert "16.00 KiB" in shown  # 4096 floats, what it gives


def test_many_layers_are_a_profile_with_the_names_of_parts() -> None:
    plot = load("resnet50").plot(columns=["params", "macs"])
    assert len(plot.figure.axes) == 2
    shown = texts(plot.svg)
    assert {"layer1", "layer2", "layer3", "layer4", "parameters (M)", "MACs (M)"} <= {*shown}
    assert not [text for text in shown if text.startswith("layer1.")]


def test_the_dearest_layer_of_a_profile_has_its_name() -> None:
    shown = texts(load("googlenet").plot(columns=["params"]).svg)
    assert "fc" in shown  # 1024 * 1000 + 1000
    assert "inception5b" in shown


@pytest.mark.parametrize(
    ("largest", "unit", "name"),
    [
        (999, Unit.COUNT, ""),
        (4.1e9, Unit.COUNT, "G"),
        (2**21, Unit.BYTES, "MiB"),
        (0.002, Unit.SECONDS, "ms"),
        (0, Unit.SECONDS, "ns"),
        (0.5, Unit.SHARE, "%"),
    ],
)
def test_the_unit_of_an_axis(largest: float, unit: Unit, name: str) -> None:
    assert scaled(largest, unit)[1] == name


def test_a_plot_is_the_same_bytes_each_time() -> None:
    net = load("lenet")
    for suffix in (".svg", ".png", ".pdf"):
        assert net.plot().content(suffix) == net.plot().content(suffix)
    assert "date" not in net.plot().svg.lower()


def test_a_users_settings_change_nothing() -> None:
    import matplotlib

    net = load("lenet")
    before = net.plot().svg
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert net.plot().svg == before


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("type", "`type` has no numbers that a plot could show"),
        ("receptive_field", "`receptive_field` has no numbers that a plot could show"),
        ("speed", "no column is called 'speed'"),
    ],
)
def test_a_column_without_numbers(column: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load("lenet").plot(columns=[column])


def test_formulas_are_no_bars(run: Run) -> None:
    result = run("summary", "-", "--plot", "x.svg", stdin=OPEN)
    assert result.status == 2
    assert "`activation_bytes` has formulas, and a plot shows numbers" in words(result)
    assert len(loads(OPEN, inputs={"data": [1, 3, 8, 8]}).plot().figure.axes) == 3


def test_the_command(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "costs.svg"
    result = run("summary", "lenet", "--columns", "params", "--plot", str(file))
    assert (result.status, result.out, result.err) == (0, "", "")
    assert file.read_text(encoding="utf-8") == load("lenet").plot(columns=["params"]).svg
    for suffix, begin in ((".png", b"\x89PNG"), (".pdf", b"%PDF")):
        run("summary", "lenet", "--plot", str(file.with_suffix(suffix)))
        assert file.with_suffix(suffix).read_bytes().startswith(begin)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--plot", "x.jpg"], "a plot's file must end in .svg, .png or .pdf"),
        (["--plot", "x.svg", "--exact"], "a plot shows the rows of layers"),
        (["--plot", "x.svg", "--budget", "1GiB"], "a plot shows the rows of layers"),
        (["--plot", "x.svg", "--format", "csv"], "'csv' isn't for --plot"),
    ],
)
def test_wrong_usage(options: list[str], message: str, run: Run) -> None:
    result = run("summary", "lenet", *options)
    assert result.status == 2
    assert message in words(result)


def test_the_spec_is_spared(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "net.svg"
    spec.write_text(OPEN, encoding="utf-8")
    result = run("summary", str(spec), "--plot", str(spec))
    assert "it is the file that the spec is read from" in result.err
    assert spec.read_text(encoding="utf-8") == OPEN


def test_a_plot_is_saved_or_not(tmp_path: Path) -> None:
    plot = load("lenet").plot()
    with pytest.raises(ValueError, match=r"must end in \.svg, \.png or \.pdf"):
        plot.save(tmp_path / "x.jpg")
    with pytest.raises(SpecError, match="there is no folder"):
        plot.save(tmp_path / "no" / "x.svg")
    with pytest.raises(ValueError, match="`dpi` is at most 1,200"):
        plot.png(5000)
    plot.save(tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_text(encoding="utf-8") == plot._repr_svg_()
