"""Where things stand: nothing overlaps, wires end at their boxes, the same is arranged once."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

pytest.importorskip("graphlay")

from netspec import load, loads
from netspec.diagnostics import SpecError
from netspec.view.build import scene_of
from netspec.view.folding import Folding
from netspec.view.layout.crossings import crossings
from netspec.view.layout.drawing import arranged
from netspec.view.layout.engine import CAREFUL, Placed, place
from netspec.view.layout.frames import Arranger
from netspec.view.layout.text import width
from netspec.view.svg import to_svg
from tests.checking import IMAGE
from tests.stock import every_network
from tests.view.networks import NETWORKS
from tests.view.seen import check_drawing, check_joints, check_scene
from tests.view.test_build import FOLDINGS

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("folding", FOLDINGS.values(), ids=FOLDINGS)
@pytest.mark.parametrize("name", NETWORKS)
def test_small_networks(name: str, folding: Folding) -> None:
    drawing = arranged(scene_of(loads(NETWORKS[name]), folding, "TRAIN"))
    check_drawing(drawing)
    check_joints(drawing)


@pytest.mark.parametrize("name", every_network())
def test_stock_networks(name: str) -> None:
    net = load(name)
    scene = scene_of(net)
    check_scene(scene, net.phase("TEST"))
    drawing = arranged(scene)
    check_drawing(drawing)
    check_joints(drawing)
    assert ElementTree.fromstring(to_svg(drawing)).tag == f"{SVG}svg"


def test_branches_stand_in_the_order_of_the_spec() -> None:
    drawing = arranged(scene_of(load("googlenet")))
    block = next(each.box for each in drawing.boxes if each.box.inside is not None)
    assert block.inside is not None
    at = {each.box: each.at for each in drawing.boxes}
    firsts = [block.inside.boxes[number] for number in (0, 1, 3, 5)]
    lefts = [at[box].x for box in firsts]
    assert lefts == sorted(lefts)


def test_frames_that_look_the_same_are_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[Any] = []

    def counted(*given: Any) -> Placed:
        laid_out.append(given)
        return place(*given)

    monkeypatch.setattr("netspec.view.layout.frames.place", counted)
    arranged(scene_of(load("resnet50"), Folding(everything=True)))
    few = len(laid_out)
    arranged(scene_of(load("resnet152"), Folding(everything=True)))
    assert len(laid_out) - few < few + 4  # 50 blocks, not 16
    arranger = Arranger()
    scene = scene_of(load("resnet50"))
    arranged(scene, arranger)
    before = len(laid_out)
    arranged(scene_of(load("resnet50")), arranger)
    assert len(laid_out) == before


@pytest.mark.parametrize("seed", ["0", "17"])
def test_another_process_gives_the_same_bytes(seed: str, tmp_path: Path) -> None:
    here = load("resnet50").draw().svg
    code = "import netspec, sys; sys.stdout.write(netspec.load('resnet50').draw().svg)"
    made = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert made.stdout == here


def test_graphs_that_take_long_are_laid_out_in_haste_or_not_at_all() -> None:
    """Each layer reads all before it: within what two seconds allow, and beyond."""
    drawing = arranged(scene_of(loads(dense(30))))
    assert len(drawing.wires) > CAREFUL
    check_drawing(drawing)
    with pytest.raises(SpecError) as caught:
        arranged(scene_of(loads(dense(90))))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "too-large"
    assert diagnostic.message == ("a frame of the drawing would have 4,185 wires between 181 boxes")


def dense(count: int) -> str:
    layers = ""
    for number in range(count):
        read = ", ".join(["data", *(f"conv{each}" for each in range(number))])
        layers += f"  - {{name: all{number}, type: Concat, bottom: [{read}]}}\n"
        layers += f"  - {{name: conv{number}, type: Convolution, num_output: 1, kernel_size: 1}}\n"
    return f"{IMAGE}layers:\n{layers}"


def test_crossings_are_those_that_a_reader_sees() -> None:
    level = [(0.0, 5.0), (10.0, 5.0)]
    upright = [(5.0, 0.0), (5.0, 10.0)]
    assert crossings([level, upright]) == 1
    assert crossings([level, [(10.0, 0.0), (10.0, 10.0)]]) == 0
    fork = [[(0.0, 0.0), (0.0, 4.0), (x, 4.0), (x, 9.0)] for x in (-8.0, 8.0)]
    assert crossings([*fork, [(0.0, 0.0), (0.0, 9.0)]]) == 0


def test_text_is_as_wide_as_in_helvetica() -> None:
    """By its metrics `conv` is 500 + 556 + 556 + 500 thousandths; we count 8 % more."""
    assert width("conv", 10) == pytest.approx(10 * 2.112 * 1.08)
    assert width("卷積", 10) > width("ll", 10)
