"""`netspec init`: a stock network becomes a spec of one's own, and stays the same network."""

from pathlib import Path

import pytest

import netspec
from netspec.resources import specs_dir
from tests.cli.conftest import Run
from tests.stock import every_network


@pytest.mark.parametrize("name", every_network())
def test_the_new_spec_is_the_stock_network(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.yaml"
    assert run("init", name, "-o", str(path)).status == 0
    stock, mine = netspec.load(name), netspec.load(path)
    assert mine.nodes == stock.nodes
    assert mine.parameters == stock.parameters
    assert (mine.inputs, mine.results, mine.losses) == (stock.inputs, stock.results, stock.losses)
    assert (mine.params, mine.macs) == (stock.params, stock.macs)
    assert mine.class_name == stock.class_name
    assert run("check", str(path)).status == 0


def comments(text: str) -> set[str]:
    return {line.partition("#")[2].strip() for line in text.splitlines() if "# " in line}


def test_comments_stay_but_for_those_of_what_goes(run: Run) -> None:
    stock = (specs_dir() / "resnet.yaml").read_text()
    out = run("init", "resnet101", "-o", "-").out
    variants = stock[stock.index("variants:") : stock.index("blocks:")]
    assert comments(stock) - comments(variants) < comments(out)
    assert out.startswith("# Begun as netspec's stock network resnet101.\nnetspec: 1\n")
    assert "\n  depths: [3, 4, 23, 3] # blocks in each stage\n" in out
    assert "variants" not in out
    assert "\n\n\n" not in out


def test_what_only_other_variants_used_goes(run: Run) -> None:
    out = run("init", "resnet18", "-o", "-").out
    assert "bottleneck" not in out
    assert "group_width" not in out
    assert "\n  basic:\n" in out
    assert run("check", "-", stdin=out).out == "standard input: no mistakes\n"


def test_a_switch_stays_as_long_as_its_other_side_does(run: Run) -> None:
    """What stands under a false `when` is neither used nor gone, and may be wanted again."""
    out = run("init", "plain20", "-o", "-").out
    assert "\n  shortcut: #" in out
    residual = run("summary", "-", "--set", "residual=true", stdin=out)
    assert residual.status == 0
    assert "layer1.0.sum" in residual.out


def test_what_a_variant_says_of_itself_is_said_of_the_spec(run: Run) -> None:
    stock = netspec.load("resnext101_32x8d")
    out = run("init", "resnext101_32x8d", "-o", "-").out
    assert f"\ndoc: {stock.doc}\nsource: {stock.source}\ntask: {stock.task}\nyear: 2016\n" in out


def test_a_table_that_variants_share_is_the_specs_own(run: Run) -> None:
    """In the stock file the second refers to what the first has."""
    tables = []
    for name in ("efficientnet_v2_m", "efficientnet_v2_l"):
        out = run("init", name, "-o", "-").out
        assert run("check", "-", stdin=out).out == "standard input: no mistakes\n"
        tables.append(out[out.index("  stages:") : out.index("  stem:")])
    assert tables[0] == tables[1]
    assert "    - [false, 6, 3, 1]\n" in tables[0]


def test_a_file_without_variants_stays_as_it_is(run: Run) -> None:
    out = run("init", "lenet", "-o", "-").out
    assert out.partition("\n")[2] == (specs_dir() / "lenet.yaml").read_text()


def test_an_existing_file_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("old")
    result = run("init", "lenet", "-o", str(path))
    assert result.status == 1
    assert result.err == (
        f"error[cannot-write]: can't write `{path}`: it is there already\n"
        "  = help: `--force` overwrites it\n"
    )
    assert path.read_text() == "old"
    assert run("init", "lenet", "-o", str(path), "--force").status == 0
    assert path.read_text().startswith("# Begun")


def test_unknown_names(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    result = run("init", "resnet51", "-o", str(path))
    assert result.status == 1
    assert result.err.startswith("error[unknown-spec]: there is no stock network `resnet51`\n")
    assert not path.exists()
    assert run("init", "lenet").status == 2
