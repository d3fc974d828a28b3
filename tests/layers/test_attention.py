"""Attention and MultiHeadAttention against softmax(q·kᵀ)·v written out, and against PyTorch's."""

from itertools import product
from math import sqrt
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from netspec import loads
from netspec.graph import Graph, Size
from netspec.layers import Layer
from netspec.layers.attention import Attention, MultiHeadAttention
from netspec.lower.onnx.options import Options
from netspec.lower.torch import to_source, to_torch
from tests.checking import check_error
from tests.graphs import H, N, W
from tests.layers.layer_checks import (
    check_gradients,
    check_numbers,
    layer_graph,
    refusal,
)
from tests.lower.onnx.checks import NEWEST, checked_model, run

Sizes = tuple[Size, ...]
SOME_OPSETS = [13, 17, 23, NEWEST]


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def attended(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    heads: int,
    kv_heads: int | None = None,
    *,
    causal: bool = False,
    scale: float | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Head by head, place by place; what may take nothing gets zeros."""
    kv_heads = kv_heads or heads
    qs = q.chunk(heads, 2)
    ks, vs = (
        [x for x in each.chunk(kv_heads, 2) for _ in range(heads // kv_heads)] for each in (k, v)
    )
    found = []
    for number, (a, b, c) in enumerate(zip(qs, ks, vs, strict=True)):
        scores = a @ b.mT * (scale or 1 / sqrt(a.shape[2]))
        if mask is not None:
            own = mask if mask.dim() == 2 else mask[:, number % mask.shape[1]]
            if own.dtype == torch.bool:
                own = torch.zeros(own.shape).double().masked_fill(~own, -torch.inf)
            scores = scores + own
        rows, columns = scores.shape[1:]
        for i, j in product(range(rows), range(columns)):
            if causal and j > i:
                scores[:, i, j] = -torch.inf
        found.append(scores.softmax(2).nan_to_num(0.0) @ c)
    return torch.cat(found, 2)


CASES: dict[str, tuple[Layer, list[Sizes], dict[str, Any]]] = {
    "self": (Attention(), [(N, H, 4)], {"heads": 1}),
    "heads": (Attention(heads=4), [(N, H, 8)], {"heads": 4}),
    "other": (Attention(heads=2), [(N, H, 4), (N, W, 4), (N, W, 6)], {"heads": 2}),
    "grouped": (
        Attention(heads=6, kv_heads=2),
        [(N, H, 12), (N, 7, 4), (N, 7, 6)],
        {"heads": 6, "kv_heads": 2},
    ),
    "multi-query": (
        Attention(heads=3, kv_heads=1, causal=True),
        [(N, 4, 6), (N, W, 2), (N, W, 5)],
        {"heads": 3, "kv_heads": 1, "causal": True},
    ),
    "causal": (Attention(heads=2, causal=True), [(N, H, 4)], {"heads": 2, "causal": True}),
    "causal-few-keys": (
        Attention(causal=True),
        [(N, 6, 4), (N, 3, 4), (N, 3, 4)],
        {"heads": 1, "causal": True},
    ),
    "scale": (
        Attention(scale=0.3, causal=True),
        [(N, 3, 5)],
        {"heads": 1, "scale": 0.3, "causal": True},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    layer, shapes, settings = CASES[name]

    def reference(*inputs: Tensor) -> Tensor:
        q, k, v = inputs if len(inputs) == 3 else inputs * 3
        return attended(q, k, v, **settings)

    check_numbers(layer, shapes, reference, opsets=SOME_OPSETS)
    check_gradients(layer, *shapes)


MASKS = [(4, 5), (1, 5), (4, 1), (2, 1, 1, 5), (1, 2, 4, 5), (2, 2, 4, 5), (2, 1, 4, 1), (1, 1)]


def masked(shape: tuple[int, ...], dtype: str, fields: str) -> Graph:
    sizes = ["N" if len(shape) == 4 and shape[0] == 2 else shape[0], *shape[1:]]
    text = ", ".join(map(str, sizes))
    return loads(
        f"netspec: 1\nname: Net\ninputs: {{q: [N, 4, 8], k: [N, 5, 8], v: [N, 5, 8], "
        f"mask: {{shape: [{text}], dtype: {dtype}}}}}\n"
        f"layers: [{{name: here, bottom: [q, k, v, mask], {fields}}}]\n"
    )


def mask_values(shape: tuple[int, ...], dtype: str) -> Tensor:
    """Some hidden, all of a row among them, if there are several."""
    random = np.random.default_rng(3)
    seen = torch.from_numpy(random.random(shape) < 0.6)
    if shape[-2] > 1:
        seen[..., -1, :] = False
    if dtype == "bool":
        return seen
    added = torch.from_numpy(random.standard_normal(shape, np.float32))
    return added.masked_fill(~seen, -torch.inf)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("dtype", ["bool", "float32"])
@pytest.mark.parametrize("shape", MASKS)
def test_masks(shape: tuple[int, ...], dtype: str, causal: bool) -> None:
    """Of any shape, in PyTorch and at every kind of opset; a row that is hidden whole gives 0."""
    graph = masked(shape, dtype, f"type: Attention, heads: 2, causal: {str(causal).lower()}")
    q, k, v = (torch.randn(2, size, 8) for size in (4, 5, 5))
    mask = mask_values(shape, dtype)
    double = mask if dtype == "bool" else mask.double()
    expected = attended(q.double(), k.double(), v.double(), 2, causal=causal, mask=double)
    model = to_torch(graph).eval()
    torch.testing.assert_close(model(q, k, v, mask).double(), expected, rtol=1e-5, atol=1e-5)
    if shape[-2] > 1:
        assert (expected[:, -1] == 0).all()
    for opset in SOME_OPSETS:
        (found,) = run(checked_model(graph, opset=opset), *(x.numpy() for x in (q, k, v, mask)))
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("type_name", ["Attention", "MultiHeadAttention"])
@pytest.mark.parametrize("dtype", ["bool", "float32"])
def test_gradients_where_all_is_hidden(type_name: str, dtype: str) -> None:
    graph = masked((4, 5), dtype, f"type: {type_name}, heads: 2")
    inputs = [torch.randn(2, size, 8, requires_grad=True) for size in (4, 5, 5)]
    mask = mask_values((4, 5), dtype)
    model = to_torch(graph).train()
    model(*inputs, mask).square().sum().backward()
    for tensor in (*inputs, *model.parameters()):
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()


def test_a_mask_of_the_only_bottom() -> None:
    graph = loads(
        "netspec: 1\nname: Net\ninputs: {x: [N, T, 6], mask: {shape: [T, T], dtype: bool}}\n"
        "layers: [{name: here, type: Attention, heads: 3, bottom: [x, mask]}]\n"
    )
    assert "return self.here(x, x, x, mask)" in to_source(graph)
    x, mask = torch.randn(2, 5, 6), torch.rand(5, 5) < 0.5
    expected = attended(x.double(), x.double(), x.double(), 3, mask=mask)
    found = to_torch(graph).eval()(x, mask).double()
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    for opset in SOME_OPSETS:
        (other,) = run(checked_model(graph, opset=opset), x.numpy(), mask.numpy())
        np.testing.assert_allclose(other, expected.numpy(), rtol=1e-5, atol=1e-5)


def counted(graph: Graph, *shapes: tuple[int, ...]) -> int:
    """The multiply-accumulates that PyTorch counts, on the meta device."""
    with torch.device("meta"):
        model = to_torch(graph, init=False).eval()
        inputs = [torch.empty(shape) for shape in shapes]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(*inputs)
    return int(counter.get_total_flops()) // 2


COUNTED: dict[str, tuple[Layer, list[tuple[int, ...]]]] = {
    "self": (Attention(heads=2), [(1, 5, 8)]),
    "causal": (Attention(heads=2, causal=True), [(1, 5, 8)]),
    "grouped": (Attention(heads=6, kv_heads=2), [(1, 5, 12), (1, 7, 4), (1, 7, 4)]),
    "wide": (Attention(heads=2), [(1, 5, 4), (1, 7, 4), (1, 7, 10)]),
    "projected": (MultiHeadAttention(heads=4), [(1, 5, 8)]),
    "no-bias": (MultiHeadAttention(heads=4, bias_term=False), [(1, 5, 8)]),
    "across": (MultiHeadAttention(heads=4), [(1, 5, 8), (1, 7, 8), (1, 7, 8)]),
    "apart": (MultiHeadAttention(heads=4), [(1, 5, 8), (1, 7, 3), (1, 7, 6)]),
    "projected-causal": (MultiHeadAttention(heads=4, causal=True), [(1, 5, 8)]),
}


@pytest.mark.parametrize("name", COUNTED)
def test_macs(name: str) -> None:
    """PyTorch's counter sees both products on the meta device; on a CPU it sees none."""
    layer, shapes = COUNTED[name]
    graph = layer_graph(layer, *shapes)
    assert graph.nodes[0].macs == counted(graph, *shapes)


def test_flops() -> None:
    node = layer_graph(Attention(heads=2), (N, 5, 8)).nodes[0]
    assert node.macs == 2 * 5 * 5 * 8
    assert node.flops == 2 * node.macs + 2 * 5 * (6 * 5 - 2)
    node = layer_graph(MultiHeadAttention(heads=2), (N, 5, 8)).nodes[0]
    assert node.macs == 4 * 5 * 8 * 8 + 2 * 5 * 5 * 8
    assert node.flops == 2 * node.macs + 4 * 5 * 8 + 2 * 5 * (6 * 5 - 2)
    node = layer_graph(Attention(heads=2), (N, 5, 8), (5, 5)).nodes[0]
    assert node.flops == 2 * node.macs + 2 * 5 * (7 * 5 - 2)


def test_dropout() -> None:
    """In training alone."""
    x = torch.randn(2, 20, 8)
    for layer in (Attention(dropout_ratio=0.5), MultiHeadAttention(heads=2, dropout_ratio=0.5)):
        model = to_torch(layer_graph(layer, (N, H, 8)))
        assert not torch.equal(model.train()(x), model(x))
        assert torch.equal(model.eval()(x), model(x))


def test_emitted() -> None:
    layer = MultiHeadAttention(heads=2, dropout_ratio=0.1)
    source = to_source(layer_graph(layer, (N, H, 8)))
    assert "self.here = nn.MultiheadAttention(8, 2, dropout=0.1, batch_first=True)" in source
    assert "return self.here(in0, in0, in0, need_weights=False)[0]" in source
    source = to_source(layer_graph(layer, (N, H, 8), (N, W, 8), (N, W, 4)))
    assert "nn.MultiheadAttention(8, 2, dropout=0.1, vdim=4, batch_first=True)" in source
    source = to_source(layer_graph(Attention(heads=4, kv_heads=2), (N, H, 8), (N, W, 4), (N, W, 4)))
    assert "self.here = DotProductAttention(heads=4, kv_heads=2)" in source
    assert "return self.here(in0, in1, in2)" in source


def test_element_types() -> None:
    """In float16 as near as that is, at every kind of opset; in bfloat16 a valid file."""
    shapes = [(N, H, 8), (N, W, 4), (N, W, 4), (H, W)]
    layer = Attention(heads=4, kv_heads=2, causal=True)
    graph = layer_graph(layer, *shapes)
    q, k, v = (torch.randn(2, *size) for size in ((5, 8), (6, 4), (6, 4)))
    mask = mask_values((5, 6), "float32")
    expected = to_torch(graph).eval()(q, k, v, mask).numpy()
    arrays = [each.numpy().astype(np.float16) for each in (q, k, v, mask)]
    for opset in SOME_OPSETS:
        model = checked_model(graph, options=Options(opset=opset, dtype="float16"))
        np.testing.assert_allclose(run(model, *arrays)[0], expected, rtol=5e-3, atol=5e-3)
    for opset in (17, 23, NEWEST):
        checked_model(graph, options=Options(opset=opset, dtype="bfloat16"))


def test_large_scores_in_float16() -> None:
    """A product of 300 and 300 is no number of float16, but its share of a scale is."""
    graph = layer_graph(Attention(), (N, 3, 64))
    x = 40 * torch.randn(1, 3, 64)
    expected = to_torch(graph).eval()(x).numpy()
    for opset in SOME_OPSETS:
        model = checked_model(graph, options=Options(opset=opset, dtype="float16"))
        (found,) = run(model, x.numpy().astype(np.float16))
        np.testing.assert_allclose(found, expected, rtol=5e-3, atol=5e-2)


@pytest.mark.parametrize(
    ("layer", "shapes", "code", "message", "help"),
    [
        (
            Attention(),
            [(N, 3, 4, 4)],
            "shape-mismatch",
            "Attention reads sequences N×T×C, but {0} is N×3×4×4",
            "`Flatten` with `axis: 2`, then `Permute` with `order: [0, 2, 1]` makes a sequence of "
            "an image's positions",
        ),
        (
            Attention(),
            [(N, 3, 4), (N, 5, 4), (2, 5, 4)],
            "shape-mismatch",
            "Attention needs sequences of one batch, but reads N×3×4, N×5×4 and 2×5×4",
            None,
        ),
        (
            Attention(),
            [(N, 3, 4), (N, 5, 4), (N, 6, 4)],
            "shape-mismatch",
            "Attention needs a value for each key, but reads N×5×4 keys and N×6×4 values",
            None,
        ),
        (
            Attention(heads=3),
            [(N, 3, 4)],
            "group-mismatch",
            "the query's 4 channels can't be split into 3 heads",
            None,
        ),
        (
            Attention(heads=4, kv_heads=2),
            [(N, 3, 4), (N, 5, 3), (N, 5, 3)],
            "group-mismatch",
            "the key's 3 channels can't be split into 2 heads",
            None,
        ),
        (
            Attention(heads=4, kv_heads=3),
            [(N, 3, 4)],
            "group-mismatch",
            "`kv_heads` must divide `heads`; 4 heads can't share 3",
            None,
        ),
        (
            Attention(heads=2),
            [(N, 3, 4), (N, 5, 6), (N, 5, 6)],
            "shape-mismatch",
            "a head of the query has 2 channels, but one of the key 3",
            None,
        ),
        (
            Attention(),
            [(N, 3, H)],
            "unknown-size",
            "Attention needs to know the number of channels, which is H here",
            None,
        ),
        (
            Attention(heads=2),
            [(N, 3, 4), (3, 4)],
            "shape-mismatch",
            "Attention's mask is stretched over 3×3, or over N×2×3×3 with the batch and the "
            "heads, but {1} is 3×4",
            None,
        ),
        (
            Attention(heads=2),
            [(N, 3, 4), (N, 5, 4)],
            "shape-mismatch",
            "Attention's mask is stretched over 3×3, or over N×2×3×3 with the batch and the "
            "heads, but {1} is N×5×4",
            "a second bottom is a mask; keys that are values, too: `bottom: [query, key, key]`",
        ),
        (
            MultiHeadAttention(heads=2),
            [(N, 3, 4), (N, 5, 4), (N, 5, 4), (N, 3, 5)],
            "shape-mismatch",
            "MultiHeadAttention's mask is stretched over 3×5, or over N×2×3×5 with the batch and "
            "the heads, but {3} is N×3×5",
            "a 1 stands for the heads: `Reshape` with `axis: 1, num_axes: 0, shape: [1]`",
        ),
        (
            MultiHeadAttention(heads=3),
            [(N, 3, 4)],
            "group-mismatch",
            "the query's 4 channels can't be split into 3 heads",
            None,
        ),
    ],
)
def test_refusals(
    layer: Layer, shapes: list[Sizes], code: str, message: str, help: str | None
) -> None:
    error = refusal(layer, *shapes)
    assert (error.code, error.message) == (code, message)
    if code != "unknown-size":
        assert error.help == help


HEAD = "netspec: 1\nname: Net\n"


def test_a_mask_in_the_place_of_a_key() -> None:
    check_error(
        HEAD + "inputs: {x: [N, 4, 8], mask: {shape: [4, 4], dtype: bool}}\n"
        "layers: [{type: Attention, bottom: [x, mask, x]}]",
        "shape-mismatch",
        4,
        40,
        "Attention reads sequences N×T×C, but mask is 4×4",
    )
    check_error(
        HEAD + "inputs: {x: [N, 4, 8], mask: {shape: [N, 4, 4], dtype: bool}}\n"
        "layers: [{type: Attention, bottom: [x, mask, x]}]",
        "wrong-type",
        4,
        40,
        "Attention's key must be float32 as its query is, but mask holds bool",
        "a mask stands behind the query alone, or behind query, key and value",
    )


def test_a_mask_of_another_type() -> None:
    check_error(
        HEAD + "inputs: {x: [N, 4, 8], mask: {shape: [4, 4], dtype: float64}}\n"
        "layers: [{type: Attention, bottom: [x, mask]}]",
        "wrong-type",
        4,
        40,
        "Attention's mask holds bool, or float32 as the query does, but mask holds float64",
    )
