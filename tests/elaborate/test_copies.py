"""Instances that are copies of one another are what they would be if each were elaborated."""

import pickle
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import netspec
from netspec.analysis.depth import depth
from netspec.api import open_program
from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, SpecError
from netspec.elaborate import Overrides
from netspec.graph import Graph, Node, Scope
from netspec.graph.check import faults
from netspec.graph.tree import scopes
from netspec.resources import stock_files
from netspec.stock import Location, read_location
from netspec.sweeping.figures import figures_of
from tests.mutants.mutate import mutated
from tests.mutants.seeds import SMALL, accepts

HEAD = """
netspec: 1
name: Net
inputs: {data: [N, 8, 16, 16]}
"""


class Elaborated:
    """A text's networks, all variants one after the other, and what is said of them."""

    def __init__(self, source: SourceText, folder: Path | None, copying: bool) -> None:
        self.graphs: dict[str | None, Graph | None] = {}
        diagnostics = Diagnostics()
        try:
            self.program = open_program(source, folder, diagnostics)
            self.program.copying &= copying
            variants = [None, *self.program.document.variants]
            for variant in variants:
                self.graphs[variant] = self.program.graph(variant, Overrides())
            self.program.check_usage(variants)
            self.program.check_unused(frozenset())
        except SpecError as error:
            diagnostics.extend(error.diagnostics)
        self.said: list[Diagnostic] = diagnostics.sorted()


def of_node(node: Node) -> tuple[Any, ...]:
    """All that a node is, what equality leaves out as well."""
    return (node, node.origin and node.origin.key, node.doc, node.allow, node.written)


def of_scope(scope: Scope) -> tuple[Any, ...]:
    absent = [of_scope(each) if isinstance(each, Scope) else each for each in scope.absent]
    members = [each.path for each in scope.members]
    return (replace(scope, members=()), members, scope.written, scope.defaults, absent)


def check_same(text: str | SourceText, folder: Path | None = None) -> Elaborated:
    """The networks are the same in everything, however their instances came about."""
    source = SourceText("<string>", text) if isinstance(text, str) else text
    copied, alone = Elaborated(source, folder, True), Elaborated(source, folder, False)
    # Of one place the report keeps what was said first.
    assert copied.said == alone.said
    assert copied.graphs.keys() == alone.graphs.keys()
    if hasattr(copied, "program") and not any(each.code == "too-large" for each in copied.said):
        assert copied.program.budget == alone.program.budget
    for variant, graph in copied.graphs.items():
        other = alone.graphs[variant]
        assert (graph is None) == (other is None)
        if graph is None or other is None:
            continue
        counted = figures_of(graph)  # for which no layer has been made
        assert counted == figures_of(other)
        assert list(map(of_node, graph.nodes)) == list(map(of_node, other.nodes))
        found, wanted = scopes(graph.root), scopes(other.root)
        assert list(map(of_scope, found)) == list(map(of_scope, wanted))
        assert graph == other
        state = [each for each in graph.phase("TEST").parameters if not each.shared]
        weights = [each for each in state if not each.buffer]
        assert counted["params"] == sum(each.elements for each in weights)
        assert counted["trainable_params"] == sum(e.elements for e in weights if e.trainable)
        statistics = [each for each in state if each.buffer and not each.counts_batches]
        assert counted["buffers"] == sum(each.elements for each in statistics)
        assert faults(graph) == faults(other) == []
    return copied


def is_unmade(graph: Graph | None) -> bool:
    return graph is not None and "nodes" not in vars(graph)


SLOW = ("swin", "swin3d", "swin_v2", "mvit", "maxvit", "efficientnet", "nasnet")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * (path.stem in SLOW))
        for path in stock_files()
    ],
)
def test_stock_networks(path: Path) -> None:
    check_same(read_location(Location(path, path.name)), path.parent)


def check_mutants(numbers: range) -> None:
    for number in numbers:
        choose = random.Random(number)
        text = mutated(choose.choice(SMALL), choose, accepts)
        try:
            check_same(text)
        except AssertionError as error:
            error.add_note(f"mutant {number}:\n{text}")
            raise


def test_mutants() -> None:
    check_mutants(range(100))


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 20_000, 1_000))
def test_many_mutants(start: int) -> None:
    check_mutants(range(start, start + 1_000))


PAIR = f"""{HEAD}
blocks:
  pair:
    args: {{width: 8}}
    layers:
      - {{name: conv, type: Convolution, num_output: $width, kernel_size: 1}}
      - {{name: norm, type: ReLU}}
layers:
  - {{name: stem, type: ReLU}}
"""


def test_layers_of_equal_fields_are_one() -> None:
    """Whichever entries they are of, with expressions or without."""
    entries = """
vars: {k: 3}
layers:
  - {type: Pooling, pool: MAX, kernel_size: 3}
  - {type: Pooling, pool: MAX, kernel_size: $k}
  - {type: Pooling, pool: MAX, kernel_size: "$(k - 1)"}
  - {type: Pooling, kernel_size: 3, pool: MAX, stride: 1}
"""
    one, same, *others = [node.layer for node in netspec.loads(HEAD + entries[1:]).nodes]
    assert one is same
    assert all(other is not one for other in others)


def test_layers_of_copies_are_made_when_asked_for() -> None:
    text = PAIR + "  - {name: deep, type: pair, repeat: 50}\n"
    graph = check_same(text).graphs[None]
    net = netspec.loads(text)
    assert is_unmade(net)
    assert net.params == 50 * (8 * 8 + 8)
    assert (len(net), depth(net)) == (101, 50)
    assert is_unmade(net)
    assert len(net.nodes) == 101
    assert not is_unmade(net)
    assert (len(net), depth(net)) == (101, 50)
    assert graph is not None
    assert net.nodes == graph.nodes
    assert netspec.loads(text) == net
    assert hash(netspec.loads(text)) == hash(net)


def test_an_unmade_network_can_be_pickled_and_looked_at() -> None:
    text = PAIR + "  - {name: deep, type: pair, repeat: 3}\n"
    net = netspec.loads(text)
    again = pickle.loads(pickle.dumps(net))
    assert again == net
    assert again.macs == net.macs
    assert replace(netspec.loads(text), name="other").nodes == net.nodes
    assert netspec.loads(text).phase("TEST").nodes == net.nodes
    with pytest.raises(AttributeError, match="no attribute 'node'"):
        netspec.loads(text).node  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    "entries",
    [
        # read from outside: within the original, within a copy, within all, and deep within
        "- {name: deep, type: pair, repeat: 3}\n- {type: ReLU, bottom: deep.0.conv}",
        "- {name: deep, type: pair, repeat: 3}\n- {type: ReLU, bottom: deep.2.conv}",
        "- {name: deep, type: pair, repeat: 3, bottom: input}\n"
        "- {type: Concat, bottom: deep.*.conv}",
        "- {name: two, type: twice, repeat: 3}\n- {type: ReLU, bottom: two.2.second.conv}",
        "- {name: two, type: twice, repeat: 3}\n"
        "- {type: Convolution, num_output: $(two.1.first.conv.channels), kernel_size: 1}",
        # nobody reads them
        "- {name: deep, type: pair, repeat: 3, bottom: stem}\n- {type: ReLU, bottom: stem}",
        "- {name: a, type: side}\n- {name: b, type: side}\n- {type: ReLU, bottom: a.conv}",
        "- {name: a, type: side}\n- {name: b, type: side}\n- {type: ReLU, bottom: b.conv}",
        "- {name: a, type: pair, bottom: stem}\n- {name: b, type: pair, bottom: stem}\n"
        "- {name: c, type: pair, bottom: stem}\noutputs: [a, b]",
        # a lint within, at what is read, and at what is given on
        "- {name: deep, type: biased, repeat: 3}",
        "- {name: c, type: Convolution, num_output: 8, kernel_size: 1, repeat: 2}\n"
        "- {name: a, type: norm, bottom: c.0}\n- {name: b, type: norm, bottom: c.1}\n"
        "- {type: Eltwise, bottom: [a, b]}",
        "- {name: a, type: open}\n- {name: b, type: open, bottom: a.norm}\n"
        "- {type: Eltwise, bottom: [a.conv, b.conv]}",
        # the network's input, the same blob twice, other phases, other types, other depths
        "- {name: a, type: pair, bottom: data}\n- {name: b, type: pair, bottom: data}\n"
        "- {type: Eltwise, bottom: [a, b]}",
        "- {name: a, type: both, bottom: [stem, stem]}\n"
        "- {name: b, type: both, bottom: [a, stem]}\n- {name: c, type: both, bottom: [b, b]}\n"
        "- {name: d, type: both, bottom: [c, b]}",
        "- {name: a, type: pair, phase: TRAIN, bottom: stem}\n"
        "- {name: b, type: pair, phase: TEST, bottom: stem}\n"
        "- {name: c, type: pair, bottom: stem}\n- {name: d, type: pair}",
        "- {name: a, type: pair, width: 4}\n- {name: b, type: pair}\n- {name: c, type: pair}",
        "- {name: a, type: pair}\n- {name: two, type: twice, repeat: 2}",
        # what each instance does for itself: named shares, losses, reuse
        "- {name: a, type: sharing}\n- {name: b, type: sharing}\n- {name: c, type: sharing}",
        "- {name: a, type: lossy}\n- {name: b, type: lossy}\n- {type: ReLU}",
        "- {name: a, type: pair}\n- {name: b, type: pair}\n- {name: c, reuse: b}\n",
        # nothing within
        "- {name: a, type: nothing}\n- {name: b, type: nothing}\n- {type: ReLU}",
        "- {name: a, type: nothing, repeat: 3}\n"
        "- {name: b, type: pair, repeat: $(a.channels // 4)}",
    ],
)
def test_what_others_see_of_copies(entries: str) -> None:
    blocks = """
  twice:
    layers:
      - {name: first, type: pair}
      - {name: second, type: pair}
  side:
    outputs: norm
    layers:
      - {name: conv, type: Convolution, num_output: 8, kernel_size: 1}
      - {name: norm, type: BatchNorm, bottom: input}
  biased:
    layers:
      - {name: conv, type: Convolution, num_output: 8, kernel_size: 1}
      - {name: norm, type: BatchNorm}
  norm:
    layers: [{name: norm, type: BatchNorm}]
  open:
    outputs: [conv, norm]
    layers:
      - {name: conv, type: Convolution, num_output: 8, kernel_size: 1}
      - {name: norm, type: BatchNorm}
  both:
    inputs: [one, other]
    layers:
      - {name: sum, type: MatMul, bottom: [one, other]}
  sharing:
    layers:
      - {name: fc, type: Convolution, num_output: 8, kernel_size: 1, param: [{name: w}]}
  lossy:
    outputs: relu
    layers:
      - {name: relu, type: ReLU, bottom: input}
      - {name: loss, type: EuclideanLoss, phase: TRAIN, bottom: [input, relu]}
  nothing:
    layers:
      - {name: relu, type: ReLU, when: $(input.channels == 1)}
layers:
"""
    text = PAIR.replace("layers:\n  - {name: stem", f"{blocks[1:]}  - {{name: stem")
    lines = [f"  {line}" if line.startswith("-") else line for line in entries.splitlines()]
    check_same("\n".join([text, *lines, ""]))


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("MAX_ENTRIES", 90),
        ("MAX_LAYERS", 50),
        ("MAX_READS", 70),
        ("MAX_TEXT", 1_500),
        ("MANY_ENTRIES", 40),
    ],
)
def test_a_limit_is_told_where_it_is_reached(
    limit: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("budget", "context"):
        monkeypatch.setattr(f"netspec.elaborate.{module}.{limit}", value, raising=False)
    text = PAIR + "  - {name: deep, type: pair, repeat: 30}\n"
    text += "  - {name: on, type: pair, repeat: 20}\n"
    made = check_same(text)
    assert ["too-large"] * (limit != "MANY_ENTRIES") == [each.code for each in made.said]


def test_what_is_kept_for_other_networks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAIR.replace("blocks:", "vars: {width: 8}\nblocks:")
    text += "  - {name: deep, type: pair, width: $width, repeat: 3}\n"
    monkeypatch.setattr("netspec.elaborate.fields.MAX_KNOWN", 20)
    program = open_program(SourceText("<string>", text), None, Diagnostics())
    for width in range(1, 40):
        graph = program.graph(None, Overrides({"width": width}))
        assert graph is not None
        assert graph.params == 2 * width * (width + 1) + width * 9
        assert len(program.types.worked_out) <= 30
        assert sum(map(len, program.types.originals.values())) <= 15


def test_a_mistake_is_told_of_each_network() -> None:
    text = PAIR.replace("blocks:", "vars: {width: 8, other: 1}\nblocks:")
    text = text.replace("{width: 8}\n    layers", "{width: $(8 // width)}\n    layers")
    text += "  - {name: deep, type: pair, repeat: 3}\n"
    program = open_program(SourceText("<string>", text), None, Diagnostics())
    for other in range(3):
        member = program.anew()
        assert member.graph(None, Overrides({"width": 0, "other": other})) is None
        assert [each.code for each in member.diagnostics.sorted()] == ["expression-value"]


def test_what_no_layer_reads_is_told_of_each_network() -> None:
    text = PAIR.replace("blocks:", "vars: {deep: 3}\nblocks:")
    text = text.replace("type: ReLU}\nlayers", "type: ReLU, bottom: input}\nlayers")
    text += "  - {name: deep, type: pair, repeat: $deep}\n"
    program = open_program(SourceText("<string>", text), None, Diagnostics())
    for deep in (3, 4, 2, 1, 3):
        member, alone = program.anew(), program.anew()
        alone.copying = False
        for each in (member, alone):
            each.graph(None, Overrides({"deep": deep}))
            each.check_usage([None])
        assert member.diagnostics.sorted() == alone.diagnostics.sorted()
        assert [each.code for each in member.diagnostics.sorted()] == ["unused-layer"]
        assert member.usage.read == alone.usage.read
        assert member.usage.values_read == alone.usage.values_read
