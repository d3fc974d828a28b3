"""RotaryEmbedding against a rotation of each pair written out."""

from math import cos, sin

import numpy as np
import pytest
import torch
from torch import Tensor

from netspec.graph import Size
from netspec.layers.rotary import RotaryEmbedding
from netspec.lower.onnx.options import Options
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N
from tests.layers.layer_checks import (
    check_gradients,
    flops,
    layer_graph,
    refusal,
)
from tests.lower.onnx.checks import NEWEST, checked_model, run

Sizes = tuple[Size, ...]


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def turned(x: Tensor, heads: int, base: float, interleaved: bool) -> Tensor:
    """Pair by pair, place by place."""
    y = torch.empty_like(x)
    width = x.shape[2] // heads
    for head in range(heads):
        for pair in range(width // 2):
            one, other = (2 * pair, 2 * pair + 1) if interleaved else (pair, pair + width // 2)
            i, j = head * width + one, head * width + other
            for place in range(x.shape[1]):
                angle = place * base ** (-2 * pair / width)
                a, b = x[:, place, i], x[:, place, j]
                y[:, place, i] = a * cos(angle) - b * sin(angle)
                y[:, place, j] = b * cos(angle) + a * sin(angle)
    return y


@pytest.mark.parametrize("interleaved", [False, True])
@pytest.mark.parametrize(("heads", "base"), [(1, 10000.0), (2, 100.0), (4, 3.0)])
@pytest.mark.parametrize("length", [H, 3])
def test_numbers(length: Size, heads: int, base: float, interleaved: bool) -> None:
    layer = RotaryEmbedding(heads=heads, base=base, interleaved=interleaved)
    graph = layer_graph(layer, (N, length, 8))
    x = torch.randn(2, 5 if length == H else 3, 8)
    expected = turned(x.double(), heads, base, interleaved).numpy()
    np.testing.assert_allclose(to_torch(graph)(x).numpy(), expected, rtol=2e-6, atol=2e-6)
    for opset in (13, 17, 22, 23, NEWEST):
        (found,) = run(checked_model(graph, opset=opset), x.numpy())
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-6)
    check_gradients(layer, (N, length, 8))


def test_far_places() -> None:
    """Where angles are large, both targets have the same ones to the last bit of float32."""
    graph = layer_graph(RotaryEmbedding(), (N, 3000, 64))
    x = torch.randn(1, 3000, 64)
    found = to_torch(graph)(x).numpy()
    for opset in (17, 23):
        (other,) = run(checked_model(graph, opset=opset), x.numpy())
        np.testing.assert_allclose(other, found, rtol=1e-5, atol=2e-6)


def test_products_know_how_far_two_places_are_apart() -> None:
    model = to_torch(layer_graph(RotaryEmbedding(heads=2), (N, H, 16)))
    one, other = torch.randn(2, 1, 1, 16).expand(-1, 1, 9, -1)
    products = (model(one)[0, :, None] * model(other)[0, None]).sum(2)
    for apart in range(-8, 9):
        row = products.diagonal(apart)
        torch.testing.assert_close(row, row[:1].expand_as(row))


def test_element_types() -> None:
    graph = layer_graph(RotaryEmbedding(heads=2), (N, H, 8))
    x = torch.randn(2, 300, 8)
    expected = to_torch(graph)(x).numpy()
    for opset in (13, 17, 23, NEWEST):
        model = checked_model(graph, options=Options(opset=opset, dtype="float16"))
        (found,) = run(model, x.numpy().astype(np.float16))
        np.testing.assert_allclose(found, expected, rtol=5e-3, atol=5e-3)
        checked_model(graph, options=Options(opset=opset, dtype="bfloat16"))
    half = to_torch(graph).half()(x.half()).float().numpy()
    np.testing.assert_allclose(half, expected, rtol=5e-3, atol=5e-3)


def test_operators() -> None:
    def operators(opset: int) -> set[str]:
        graph = layer_graph(RotaryEmbedding(), (N, H, 8))
        return {node.op_type for node in checked_model(graph, opset=opset).graph.node}

    assert "RotaryEmbedding" in operators(23)
    assert "RotaryEmbedding" not in operators(22)


def test_emitted() -> None:
    source = to_source(layer_graph(RotaryEmbedding(heads=2, interleaved=True), (N, H, 8)))
    assert "self.here = RotaryEmbedding(4, heads=2, interleaved=True)" in source
    assert "return self.here(in0)" in source


def test_flops() -> None:
    assert flops(RotaryEmbedding(heads=2), (N, 5, 8)) == 3 * 40 + 3 * 5 * 2


def test_refusals() -> None:
    error = refusal(RotaryEmbedding(), (N, 3, 8, 8))
    assert error.code == "shape-mismatch"
    assert error.message == "RotaryEmbedding reads a sequence N×T×C, not N×3×8×8"
    error = refusal(RotaryEmbedding(heads=2), (N, 3, 6))
    assert (error.code, error.field) == ("group-mismatch", "heads")
    assert error.message == "the 6 channels can't be split into pairs of 2 heads"
    assert refusal(RotaryEmbedding(), (N, 3, H)).code == "unknown-size"
