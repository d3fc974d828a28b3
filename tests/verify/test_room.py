"""What doesn't fit memory is told before it is run: with the layer, its sizes and what to do."""

from pathlib import Path

import numpy as np
import pytest

import netspec
from netspec import Network, SpecError
from netspec.analysis.memory.running import needed_to_run
from netspec.analysis.memory.tensors import weight_bytes
from netspec.graph import Graph
from netspec.lower.weights import fresh
from netspec.room import free_memory
from netspec.verify import verify
from netspec.verify.room import HELP

GIBI = 2**30


def net(inputs: str, *layers: str) -> Network:
    listed = "".join(f"  - {{{each}}}\n" for each in layers)
    return netspec.loads(f"netspec: 1\nname: Net\ninputs: {{{inputs}}}\nlayers:\n{listed}")


@pytest.fixture
def one_gibi(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("netspec.room", "netspec.verify.room"):
        monkeypatch.setattr(f"{module}.free_memory", lambda: GIBI)


ATTENTION = net("data: [N, 20000, 8]", "name: attn, type: Attention, heads: 2")
BRANCHES = net(
    "data: [N, 24, 64, 64]",
    "name: branch, type: Power, shift: $i, bottom: input, repeat: 2000",
    "name: sum, type: Eltwise, bottom: branch.*",
)
WIDE = net("data: [N, 20000]", "name: fc, type: InnerProduct, num_output: 20000")
IMAGE = net("data: [1, 3, 20000, 20000]", "name: all, type: Pooling, global_pooling: true")
FREE = net("data: [N, 1024, H, W]", "name: relu, type: ReLU")


@pytest.mark.usefixtures("one_gibi")
@pytest.mark.parametrize(
    ("graph", "message", "line"),
    [
        (
            ATTENTION,
            "to run it takes 11.9 GiB of memory, where 1.0 GiB are free; its largest part is what "
            "`attn` computes with on the way, 3,200,000,000 numbers: 11.9 GiB",
            5,
        ),
        (
            BRANCHES,
            "to run it takes 2.9 GiB of memory, where 1.0 GiB are free; its largest part is what "
            "`sum` makes on the way: 1.5 GiB",
            6,
        ),
        (
            WIDE,
            "to run it takes 3.0 GiB of memory, where 1.0 GiB are free; its largest part is "
            "`fc.weight`, 20000×20000: 3.0 GiB",
            5,
        ),
        (
            IMAGE,
            "to run it takes 4.5 GiB of memory, where 1.0 GiB are free; its largest part is "
            "`data`, 1×3×20000×20000: 4.5 GiB",
            None,
        ),
    ],
)
def test_too_large_to_run(graph: Graph, message: str, line: int | None) -> None:
    with pytest.raises(SpecError) as caught:
        verify(graph)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message, found.help) == ("too-large", message, HELP)
    assert (found.span.line if found.span is not None else None) == line


@pytest.mark.usefixtures("one_gibi")
def test_smaller_inputs_fit() -> None:
    text = "netspec: 1\nname: Net\ninputs: {data: [N, 20000, 8]}\n"
    layers = "layers:\n  - {name: attn, type: Attention, heads: 2}\n"
    assert verify(netspec.loads(text + layers, inputs={"data": (1, 16, 8)})).ok


def test_where_the_system_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netspec.verify.room.free_memory", lambda: None)
    assert verify(net("data: [N, 4]", "name: relu, type: ReLU")).ok


def test_what_is_counted() -> None:
    """The input, what is given, and the places of maxima, which a pass back asks for."""
    graph = net(
        "data: [N, 4, 6, 6]",
        "name: conv, type: Convolution, num_output: 8, kernel_size: 3",
        "name: drop, type: Dropout",
        "name: pool, type: Pooling, kernel_size: 2, stride: 2",
    )
    blobs, weights, places = 5 * (4 * 36 + 8 * 16 + 8 * 4), 8 * 4 * 9 + 8, 5 * 8 * 4
    needed = needed_to_run(graph, {"N": 5}, copies=2).size
    assert needed == 4 * (blobs + 2 * weights) + 8 * places
    assert weight_bytes(graph) == 4 * weights


def test_what_is_there_already_takes_nothing() -> None:
    graph = net(
        "data: [N, 4, 6]",
        "name: turned, type: Permute, order: [0, 2, 1]",
        "name: rows, type: Reshape, shape: [0, 6, 2, 2]",
        "name: first, type: Slice, axis: 1, slice_point: 3, top: [low, high]",
        "name: sum, type: Eltwise, bottom: [low, high]",
    )
    assert needed_to_run(graph, {"N": 5}, copies=2).size == 4 * 5 * (4 * 6 + 3 * 4)


def test_what_shows_only_when_it_runs_counts_as_nothing() -> None:
    graph = netspec.load("ssd300")
    assert needed_to_run(graph, {"N": 2, "G": 3}, copies=2).size > weight_bytes(graph)


def test_sizes_of_what_is_shared_or_constant_count_once() -> None:
    graph = net(
        "data: [N, 6]",
        "name: one, type: InnerProduct, num_output: 6",
        "name: again, reuse: one",
        "name: table, type: Constant, shape: [6], value: 1, persistent: false",
        "name: sum, type: Bias, bottom: [again, table]",
    )
    assert weight_bytes(graph) == 4 * (6 * 6 + 6 + 6)


def test_odd_sizes_count_where_they_are_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual ones of H and W are 64 and 96."""
    free = needed_to_run(FREE, {"N": 2, "H": 64, "W": 96}, copies=2).size
    monkeypatch.setattr("netspec.verify.room.free_memory", lambda: free)
    assert verify(FREE).ok
    monkeypatch.setattr("netspec.verify.room.free_memory", lambda: free - 1)
    with pytest.raises(SpecError, match=r"its largest part is `relu`, 2×1024×64×96: 48\.0 MiB"):
        verify(FREE)


def test_free_memory_is_what_the_system_or_the_container_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("netspec.room._LIMITS", (str(tmp_path / "none"),))
    usual = free_memory()
    assert usual is None or usual > 2**20
    for text, limit in (("4096\n", 4096), ("max\n", usual)):
        (tmp_path / "limit").write_text(text)
        monkeypatch.setattr("netspec.room._LIMITS", (str(tmp_path / "limit"),))
        found = free_memory()
        assert found == limit or (found is not None and found > 2**20 and limit != 4096)


@pytest.mark.usefixtures("one_gibi")
def test_weights_and_modules_of_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made: a system that promises memory which it hasn't ends those who use it."""
    monkeypatch.setattr(np, "empty", None)
    graph = net("data: [N, 20000]", "name: fc, type: InnerProduct, num_output: 20000")
    with pytest.raises(SpecError, match=r"there is no memory for `fc\.weight`: 1\.5 GiB"):
        fresh(graph, 0)["fc.weight"]
    with pytest.raises(SpecError, match="there is no memory for the module's tensors"):
        graph.to_torch()


def test_a_constant_is_bounded_in_onnx(tmp_path: Path) -> None:
    for persistent in ("true", "false"):
        table = f"type: Constant, shape: [2, 10000000], value: 2, persistent: {persistent}"
        graph = net(
            "data: [N, 2, 10000000]", f"name: t, {table}", "type: Bias, bottom: [data, t], axis: 1"
        )
        with pytest.raises(SpecError) as caught:
            graph.to_onnx(tmp_path / "x.onnx")
        (found,) = caught.value.diagnostics
        message = "the file would need a constant of 20,000,000 elements, more than 16,777,216"
        assert (found.code, found.message) == ("not-lowerable", message)
    assert not list(tmp_path.iterdir())
