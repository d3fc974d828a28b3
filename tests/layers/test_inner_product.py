"""InnerProduct: its numbers, its cost, and what it refuses."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from netspec.graph.fillers import Filler
from netspec.layers.inner_product import InnerProduct
from tests.graphs import H, N
from tests.layers.layer_checks import (
    check_gradients,
    check_numbers,
    held,
    layer_graph,
    refusal,
    types,
)
from tests.lower.onnx.checks import OPSETS


@st.composite
def inner_products(draw: st.DrawFn) -> tuple[InnerProduct, tuple[int, ...]]:
    """A layer, and the shape of its bottom."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    layer = InnerProduct(
        num_output=draw(st.integers(1, 5)),
        axis=draw(st.integers(-len(shape), len(shape) - 1)),
        transpose=draw(st.booleans()),
        bias_term=draw(st.booleans()),
    )
    return layer, shape


@settings(max_examples=40, deadline=None)
@given(inner_products(), st.sampled_from(OPSETS))
def test_numbers(case: tuple[InnerProduct, tuple[int, ...]], opset: int) -> None:
    layer, shape = case
    axis = layer.axis % len(shape)

    def reference(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return F.linear(x.flatten(axis), weight.T if layer.transpose else weight, bias)

    check_numbers(layer, [shape], reference, opsets=[opset], source=False)


def test_gradients() -> None:
    check_gradients(InnerProduct(num_output=4, transpose=True), (2, 4, 3, 3))


def test_weights() -> None:
    assert held(InnerProduct(num_output=6), (N, 4, 3, 2)) == {"weight": (6, 24), "bias": (6,)}
    layer = InnerProduct(num_output=6, axis=2, transpose=True, bias_term=False)
    assert held(layer, (N, 4, 3, 2)) == {"weight": (6, 6)}
    assert held(InnerProduct(num_output=5, axis=-1), (N, H, 7))["weight"] == (5, 7)


def test_cost() -> None:
    node = layer_graph(InnerProduct(num_output=6, axis=2), (N, 4, 3, 2)).nodes[0]
    assert node.macs == 4 * 6 * 6
    assert node.flops == 2 * node.macs + 4 * 6


def test_symbolic_sizes() -> None:
    (top,) = InnerProduct(num_output=6, axis=2).outputs(types((N, H, 3, 2)))
    assert str(top) == "N×H×6"
    mistake = refusal(InnerProduct(num_output=6), (N, H, 3))
    assert (mistake.code, mistake.bottom) == ("unknown-size", 0)
    assert mistake.message == "InnerProduct needs to know the number of inputs, which is 3*H here"
    assert mistake.help is not None
    assert "`Pooling` with `output_size`" in mistake.help


def test_axis() -> None:
    mistake = refusal(InnerProduct(num_output=6, axis=3), (N, 4))
    assert (mistake.code, mistake.field) == ("bad-axis", "axis")
    assert mistake.message == "InnerProduct's `axis` is 3, but its bottom N×4 has 2 axes"


@pytest.mark.parametrize(
    ("field", "axes"), [("weight_filler", "2 axes"), ("bias_filler", "1 axis")]
)
def test_no_bilinear_filler(field: str, axes: str) -> None:
    fields: dict[str, Any] = {field: Filler(type="bilinear")}
    mistake = refusal(InnerProduct(num_output=6, **fields))
    assert (mistake.code, mistake.field) == ("bad-value", field)
    assert mistake.message == (
        f"a bilinear filler fills square kernels, but this tensor has {axes}, not four"
    )
