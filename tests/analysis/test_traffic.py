"""Bytes read and written, beside what others count and what torch's tensors hold."""

import pytest

import netspec
from netspec.analysis.columns.figures import Asked
from netspec.analysis.storage import Runner
from netspec.analysis.summary import summarize
from netspec.analysis.traffic import Traffic, activation_bytes, intensity, traffic
from netspec.eager.tensor import Tape
from netspec.graph import Node, Phase
from netspec.layers import CATALOGUE
from netspec.layers.base import Layer
from netspec.layers.page import example


def layer(text: str, shape: str = "[N, 8, 16, 16]") -> Node:
    """The last layer of those."""
    head = f"netspec: 1\nname: Net\ninputs: {{data: {shape}, more: {shape}}}\nlayers:\n"
    return netspec.loads(f"{head}{text}\n", outputs=["last"]).nodes[-1]


@pytest.mark.parametrize(
    ("text", "shape", "batch", "wanted"),
    [
        ("{type: InnerProduct, num_output: 4096, bias_term: false}", "[N, 1024]", 512, 315),
        ("{type: InnerProduct, num_output: 4096, bias_term: false}", "[N, 1024]", 1, 1),
        ("{type: ReLU}", "[N, 8, 16, 16]", 1, 0.25),
    ],
)
def test_intensities_that_nvidia_states(text: str, shape: str, batch: int, wanted: float) -> None:
    """GPU Performance Background User's Guide, table 1, in half precision."""
    node = layer(f"  - {text.replace('{', '{name: last, bottom: data, ')}", shape)
    flops = node.flops
    assert isinstance(flops, int)
    found = intensity(batch * flops, traffic(node, batch, "float16").bytes)
    assert isinstance(found, float)
    assert found == pytest.approx(wanted, rel=0.002)


def test_a_convolution_to_the_byte() -> None:
    conv = "{name: last, type: Convolution, num_output: 4, kernel_size: 3, bottom: data}"
    node = layer(f"  - {conv}")
    weights, image, top = 4 * 8 * 9 + 4, 8 * 16 * 16, 4 * 14 * 14
    assert traffic(node) == Traffic(4 * (image + weights), 4 * top)
    assert traffic(node, batch=3) == Traffic(4 * (3 * image + weights), 3 * 4 * top)
    assert traffic(node, 1, "bfloat16") == Traffic(2 * (image + weights), 2 * top)
    assert activation_bytes(node, 2) == 2 * 4 * top


def test_formulas() -> None:
    node = layer("  - {name: last, type: ReLU, bottom: data}", "[N, 8, H, W]")
    assert str(traffic(node).bytes) == "64*H*W"
    assert str(traffic(node, batch=10).read) == "320*H*W"
    assert intensity(node.flops, traffic(node).bytes) == "(8*H*W)/(64*H*W)"


@pytest.mark.parametrize(
    ("text", "read", "written"),
    [
        # What does nothing, or shows the same memory otherwise, moves nothing.
        ("  - {name: last, type: Dropout, bottom: data}", 0, 0),
        ("  - {name: last, type: Flatten, bottom: data}", 0, 0),
        ("  - {name: last, type: Reshape, shape: [0, -1], bottom: data}", 0, 0),
        ("  - {name: last, type: Permute, order: [0, 2, 3, 1], bottom: data}", 0, 0),
        ("  - {name: last, type: Crop, bottom: [data, more]}", 0, 0),
        ("  - {name: last, type: Constant, shape: [3], value: 1}", 0, 0),
        ("  - {name: last, type: Parameter, shape: [3]}", 0, 0),
        # A blob is read once, of another one only the size, and a batch counter not at all.
        ("  - {name: last, type: Eltwise, bottom: [data, more]}", 4096, 2048),
        ("  - {name: last, type: Eltwise, bottom: [data, data]}", 2048, 2048),
        ("  - {name: last, type: Upsample, bottom: [data, more]}", 2048, 2048),
        ("  - {name: last, type: BatchNorm, bottom: data}", 2048 + 4 * 8, 2048),
        # Of a table as many elements as are given.
        ("  - {name: last, type: Gather, axis: 1, indices: [2, 1], bottom: data}", 512, 512),
    ],
)
def test_what_is_moved(text: str, read: int, written: int) -> None:
    """In elements of four bytes."""
    assert traffic(layer(text)) == Traffic(4 * read, 4 * written)


def test_rows_of_a_table() -> None:
    node = layer(
        "  - {name: last, type: Embed, input_dim: 50000, num_output: 64, bottom: data}",
        "{shape: [N, 10], dtype: int64}",
    )
    rows, words, bias = 4 * 10 * 64, 8 * 10, 4 * 64
    assert traffic(node) == Traffic(rows + words + bias, rows)
    assert traffic(node, batch=2).read == 2 * (rows + words) + bias


def test_masks_and_numbers_keep_their_size() -> None:
    node = layer("  - {name: last, type: ArgMax, axis: 1, bottom: data}")
    assert traffic(node, precision="float16") == Traffic(2 * 2048, 8 * 256)


def test_what_has_no_batch() -> None:
    """A Parameter is there once, for however many items."""
    graph = netspec.loads(
        "netspec: 1\nname: Net\ninputs: {data: [N, 7]}\nlayers:\n"
        "  - {name: p, type: Parameter, shape: [5]}\n"
        "  - {name: fc, type: InnerProduct, num_output: 5, bottom: data}\n"
        "  - {name: s, type: Scale, bottom: [fc, p], axis: 1}\n"
    )
    p, _, s = graph
    assert activation_bytes(p, 3) == 4 * 5
    assert (traffic(s, 3).read, traffic(s, 3).written) == (4 * (3 * 5 + 5), 4 * 3 * 5)
    counts = summarize(graph, asked=Asked(batch=3)).to_json()
    assert [row["activations"] for row in counts["layers"]] == [5, 15, 15]
    assert counts["totals"]["activations"] == 35


@pytest.mark.parametrize("layer", CATALOGUE.values(), ids=CATALOGUE)
def test_a_view_is_what_a_run_makes_no_memory_for(layer: type[Layer]) -> None:
    """In the TEST phase, of each layer's example; what is written over its bottom is no view."""
    graph = netspec.loads(example(layer))
    tape = Tape(training=False)
    runner = Runner(graph, Phase.TEST, tape)
    runner.leave([node.path for node in graph.nodes])
    tensors = runner.inputs()
    for node in runner.view.nodes:
        tensors.update(runner.tops(node, tensors))
        if node.type == layer.__name__ and node.bottoms:
            read = {id(tensors[blob.name].storage) for blob in node.bottoms}
            shared = {id(tensors[blob.name].storage) in read for blob in node.tops}
            assert shared == {node.layer.is_view}
