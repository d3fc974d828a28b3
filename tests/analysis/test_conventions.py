"""The rows of weights beside what the tools counted, and where they are installed what they do."""

from pathlib import Path

import pytest

import netspec
from netspec.analysis.conventions import CONVENTIONS, count, named
from netspec.graph import Kind, Work
from netspec.graph.work import FLOPS, MACS
from tests.analysis.counted import COUNTED, OFF, TOOLS, Counted, OneLayer, network, one_layer

PAGE = Path(__file__).parents[2] / "docs" / "costs.md"


@pytest.mark.parametrize("each", COUNTED, ids=lambda each: f"{each.name}-{each.tool}")
def test_networks(each: Counted) -> None:
    """The tool's total is the row's, or the difference is what is known to make it."""
    graph = network(each.name)
    assert each.found == count(graph.work, each.tool) + each.more(graph)


@pytest.mark.parametrize("each", one_layer(), ids=lambda each: f"{each.module} {each.shape}")
def test_single_layers(each: OneLayer) -> None:
    work = each.node().work
    off = {tool: found - count(work, tool) for tool, found in each.found.items()}
    stated = {tool: OFF.get((each.module, tool), (0, ""))[0] for tool in TOOLS}
    assert off == stated


def test_whatever_a_row_cannot_say_is_a_caveat() -> None:
    for (module, tool), (_, words) in OFF.items():
        assert any(words in caveat for caveat in CONVENTIONS[tool].caveats), (module, tool)
    known = {each.module for each in one_layer()}
    assert {module for module, _ in OFF} <= known


def test_macs_and_flops_are_what_a_graph_answers() -> None:
    assert CONVENTIONS["macs"].weights == MACS
    assert CONVENTIONS["flops"].weights == FLOPS
    graph = network("resnet50")
    assert count(graph.work, "macs") == graph.macs == 4089184256
    assert count(graph.work, "flops") == graph.flops


def test_counting_by_a_row_of_ones_own() -> None:
    work = Work({Kind.LINEAR: 100, Kind.LINEAR_BIAS: 10})
    assert count(work, named("torch")) == count(work, "torch") == 200


def test_a_name_that_there_is_none_of() -> None:
    with pytest.raises(ValueError, match="there is no convention 'fv', only macs, flops, torch, "):
        named("fv")


@pytest.mark.parametrize("name", CONVENTIONS)
def test_each_says_what_it_is(name: str) -> None:
    each = CONVENTIONS[name]
    assert each.name == name
    assert each.unit in ("MACs", "FLOPs")
    assert each.says
    assert (each.tool is None) == (name in ("macs", "flops"))
    assert all(caveat[-1] != "." for caveat in each.caveats)
    assert {kind for kind, weight in each.weights.items() if not weight} == set()


def test_a_network_answers_by_name() -> None:
    graph = netspec.load("lenet")
    assert graph.count() == graph.macs
    assert graph.count("torch") == 2 * graph.macs
    assert graph.explain("macs", "torch").startswith("LeNet: macs and torch, ")
    with pytest.raises(ValueError, match="`convention` should be 'macs', 'flops', 'torch', "):
        graph.count("keras")


def test_the_page_has_each_with_its_total_and_its_version() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = text.partition("| convention | unit |")[2].partition("\n\n")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| `")]
    shown = {row[0].strip("| `"): row[-1].strip(" |") for row in rows}
    resnet = network("resnet50")
    assert shown == {name: f"{count(resnet.work, name):,}" for name in CONVENTIONS}
    for each in CONVENTIONS.values():
        assert each.tool is None or each.tool.split(",")[0].split()[-1] in text
