"""The frames of a page: each layer once, at a place, with the figures that others publish."""

from collections.abc import Iterator
from typing import Any

import pytest

from netspec import load, loads
from netspec.graph import Graph
from netspec.view.page.content import graph_data
from tests.view.networks import NETWORKS, PHASES, RESIDUAL

pytest.importorskip("graphlay")


def rows(data: dict[str, Any], number: int | None = None, around: str = "") -> Iterator[str]:
    """The paths of all layers, as the page puts them together."""
    for box in data["templates"][data["root"] if number is None else number]["boxes"]:
        for name, *_ in box.get("r", ()):
            yield f"{around}{name}"
        if "i" in box:
            yield from rows(data, box["i"], f"{around}{box['n']}.")


def check(graph: Graph) -> dict[str, Any]:
    data = graph_data(graph, "TEST")
    found = [*rows(data)]
    assert sorted(found) == sorted(node.path for node in graph)
    for each in data["templates"]:
        assert len(each["at"]) == len(each["boxes"])
        assert len(each["wires"]) == len(each["routes"]) == len(each["labels"])
        for x, y, wide, high in each["at"]:
            assert 0 <= x <= x + wide <= each["w"] + 0.2
            assert 0 <= y <= y + high <= each["h"] + 0.2
        for (source, _, target, _, _), route in zip(each["wires"], each["routes"], strict=True):
            assert source < len(each["boxes"])
            assert target < len(each["boxes"])
            assert route[1] == 0 or source >= 0
            assert route[-1] == each["h"] or target >= 0
    return data


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_is_there_once(name: str) -> None:
    check(loads(NETWORKS[name]))


@pytest.mark.parametrize(
    ("name", "params", "macs"),
    [
        # torchvision 0.28's tables: parameters, and what it calls GFLOPS.
        ("resnet50", 25_557_032, 4.09e9),
        ("densenet121", 7_978_856, 2.83e9),
    ],
)
def test_what_others_publish(name: str, params: int, macs: float) -> None:
    data = check(load(name))
    assert data["total"][0] == params
    assert data["total"][1] == pytest.approx(macs, rel=0.01)


def test_instances_that_are_alike_share_a_template() -> None:
    data = graph_data(loads(RESIDUAL), "TEST")
    root = data["templates"][data["root"]]["boxes"]
    layer1, layer2 = (box for box in root if box["k"] == "block")
    instances = [box["i"] for box in data["templates"][layer2["i"]]["boxes"]]
    assert instances[0] != instances[1] == instances[2] == instances[3]
    assert [box["n"] for box in data["templates"][layer1["i"]]["boxes"]] == ["0", "1"]
    shapes = [wire[4] for wire in data["templates"][instances[0]]["wires"]]
    assert set(shapes) == {"16×32×32", "32×16×16"}


def test_a_phase() -> None:
    names = {phase: [*rows(graph_data(loads(PHASES), phase))] for phase in ("TEST", "TRAIN")}
    assert names == {"TEST": ["fc"], "TRAIN": ["fc", "head.wide", "head.narrow", "loss"]}


def test_a_formula_is_text() -> None:
    data = graph_data(load("resnet50", inputs={"data": ["N", 3, "H", "W"]}), "TEST")
    params, macs, memory, *texts = data["total"]
    assert (params, macs, memory) == (25_557_032, None, None)
    assert "H" in texts[1]
