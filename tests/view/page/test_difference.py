"""Two networks as one graph: what is marked, how it's wired, and the change in cost."""

from pathlib import Path
from typing import Any

import pytest

from netspec import diff, load, loads
from netspec.view.page.difference import difference_data
from tests.cli.conftest import Run, run
from tests.view.networks import RESIDUAL
from tests.view.page.test_document import data_of

__all__ = ["run"]
pytest.importorskip("graphlay")

CHAIN = """\
netspec: 1
name: Chain
inputs: {data: [N, 3, 8, 8]}
layers:
  - {name: a, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: b, type: Pooling, pool: MAX, kernel_size: 2}
  - {name: c, type: InnerProduct, num_output: 5}
"""


def data(a: str, b: str) -> dict[str, Any]:
    return difference_data(diff(loads(a), loads(b)))


def marks(made: dict[str, Any], number: int | None = None) -> dict[str, str]:
    boxes = made["templates"][made["root"] if number is None else number]["boxes"]
    return {box["n"]: box["m"] for box in boxes}


def wires(made: dict[str, Any]) -> set[tuple[str, str, str]]:
    root = made["templates"][made["root"]]
    names = [box["n"] for box in root["boxes"]]
    return {(names[each[0]], names[each[2]], each[5]) for each in root["wires"]}


def test_what_came_and_went() -> None:
    other = CHAIN.replace("b, type: Pooling, pool: MAX, kernel_size: 2", "d, type: Sigmoid")
    made = data(CHAIN, other)
    assert marks(made) == {"data": "same", "a": "changed", "b": "removed", "c": "changed"}
    same = data(CHAIN, CHAIN)
    assert set(marks(same).values()) == {"same"}
    assert same["total"] == [0, 0, 0, "", "", ""]
    assert same["caption"] == "no figure differs"


def test_the_change_of_a_formula() -> None:
    """A place of `a` takes 3·3·3·4 multiply-accumulates, one of `b` 4·4; both give 16 bytes."""
    free = """\
netspec: 1
name: Free
inputs: {data: [N, 3, H, W]}
layers:
  - {name: a, type: Convolution, num_output: 4, kernel_size: 3, pad: 1}
"""
    more = free + "  - {name: b, type: Convolution, num_output: 4, kernel_size: 1}\n"
    came, went = data(free, more), data(more, free)
    assert came["total"][1:] == [None, None, "+20", "+16*H*W", "+16*H*W"]
    assert went["total"][1:] == [None, None, "−20", "−16*H*W", "−16*H*W"]
    fixed = data(free, free.replace("H, W", "2, 1"))
    assert fixed["total"] == [0, None, None, "", "−108*H*W + 216", "−16*H*W + 32"]
    assert data(free, free)["total"] == [0, 0, 0, "", "", ""]


def test_wires_are_marked() -> None:
    made = data(
        CHAIN, CHAIN.replace("  - {name: b, type: Pooling, pool: MAX, kernel_size: 2}\n", "")
    )
    assert wires(made) == {
        ("data", "a", ""),
        ("a", "c", "added"),
        ("a", "b", "removed"),
        ("b", "c", "removed"),
    }
    # 4·6·6 inputs instead of 4·5·5 for each of five.
    assert made["total"][0] == 5 * (144 - 100)
    rows = {box["n"]: box["v"][:2] for box in made["templates"][made["root"]]["boxes"]}
    assert rows == {"data": [0, 0], "a": [0, 0], "b": [0, 0], "c": [220, 220]}


def test_a_block_has_its_change() -> None:
    made = data(RESIDUAL, RESIDUAL.replace("repeat: 4, channels: 32", "repeat: 5, channels: 32"))
    root = made["templates"][made["root"]]["boxes"]
    layer2 = next(box for box in root if box["n"] == "layer2")
    assert layer2["m"] == "changed"
    assert marks(made, layer2["i"]) == {
        **{str(number): "same" for number in range(4)},
        "4": "added",
    }
    # Two convolutions, 32·32·3·3, and two pairs of scales and shifts.
    assert layer2["v"][0] == 2 * 32 * 32 * 9 + 4 * 32
    assert layer2["e"][0] == "parameters 70,176 → 88,736"


def test_stock_networks() -> None:
    made = difference_data(diff("resnet18", "resnet34"))
    assert made["total"][0] == 21_797_672 - 11_689_512  # torchvision's
    very = difference_data(diff("lenet", "alexnet"))
    assert very["total"][0] == load("alexnet").params - load("lenet").params


def test_a_block_of_another_name() -> None:
    made = data(RESIDUAL, RESIDUAL.replace("name: layer2", "name: stage2"))
    assert set(marks(made).values()) == {"same"}
    assert "layer2" not in marks(made)
    assert made["total"][0] == 0


def test_a_name_that_two_kinds_bear() -> None:
    """A layer in the one is a block in the other: both are drawn."""
    block = CHAIN.replace(
        "{name: b, type: Pooling, pool: MAX, kernel_size: 2}",
        "{name: b, layers: [{name: x, type: Pooling, pool: MAX, kernel_size: 2},"
        " {name: y, type: Pooling, pool: MAX, kernel_size: 3, stride: 1, pad: 1}]}",
    )
    made = data(CHAIN, block)
    names = [box["n"] for box in made["templates"][made["root"]]["boxes"]]
    assert names.count("b") in (1, 2)
    assert {"a", "c"} < set(names)


def test_the_command_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "diff.html"
    assert run("diff", "resnet18", "resnet34", "-o", str(path)).status == 0
    assert data_of(path.read_text(encoding="utf-8"))["graph"]["name"] == "resnet18 → resnet34"
