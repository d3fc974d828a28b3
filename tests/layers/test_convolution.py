"""Convolution: its numbers, its cost, and what it refuses."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from netspec.graph.fillers import Filler
from netspec.layers.convolution import Convolution
from tests.graphs import H, N, W
from tests.layers.layer_checks import (
    check_gradients,
    check_numbers,
    held,
    layer_graph,
    refusal,
    types,
)
from tests.lower.onnx.checks import OPSETS

BILINEAR = Filler(type="bilinear")

sizes = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[Convolution, int]:
    """A layer, and the channels of its bottom."""
    group = draw(st.integers(1, 3))
    layer = Convolution(
        num_output=group * draw(st.integers(1, 2)),
        kernel_size=draw(sizes),
        stride=draw(sizes),
        pad=draw(st.tuples(st.integers(0, 4), st.integers(0, 4))),
        dilation=draw(sizes),
        group=group,
        bias_term=draw(st.booleans()),
    )
    return layer, group * draw(st.integers(1, 2))


def convolved(layer: Convolution, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return F.conv2d(x, weight, bias, layer.stride, layer.pad, layer.dilation, layer.group)


@settings(max_examples=25, deadline=None)
@given(convolutions(), st.booleans(), st.sampled_from(OPSETS))
def test_numbers(case: tuple[Convolution, int], known: bool, opset: int) -> None:
    layer, channels = case
    shape = (2, channels, 5, 6)
    assume(all(isinstance(size, int) and size > 0 for size in layer.outputs(types(shape))[0].shape))

    def reference(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return convolved(layer, x, weight, bias)

    shapes = [shape if known else (N, channels, H, W)]
    check_numbers(layer, shapes, reference, opsets=[opset], source=False)


def test_gradients() -> None:
    check_gradients(Convolution(num_output=4, kernel_size=(3, 3), group=2), (2, 4, 6, 6))


def test_weights() -> None:
    layer = Convolution(num_output=6, kernel_size=(3, 5), group=2)
    assert held(layer, (N, 4, 9, 9)) == {"weight": (6, 2, 3, 5), "bias": (6,)}


def test_cost() -> None:
    layer = Convolution(num_output=6, kernel_size=(3, 5), stride=(2, 1), group=2)
    node = layer_graph(layer, (N, 4, 9, 9)).nodes[0]
    assert node.macs == 6 * 4 * 5 * (2 * 15)
    assert node.flops == 2 * node.macs + 6 * 4 * 5
    plain = Convolution(num_output=6, kernel_size=(3, 5), stride=(2, 1), group=2, bias_term=False)
    assert layer_graph(plain, (N, 4, 9, 9)).nodes[0].flops == 2 * node.macs


def test_symbolic_sizes() -> None:
    layer = Convolution(num_output=6, kernel_size=(3, 3), stride=(2, 2), pad=(1, 1))
    (top,) = layer.outputs(types((N, 3, H, W)))
    assert str(top) == "N×6×ceil(H/2)×ceil(W/2)"


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        (
            {"kernel_size": (3, 5), "weight_filler": BILINEAR},
            "weight_filler",
            "a bilinear filler fills square kernels, not 3×5",
        ),
        (
            {"kernel_size": (3, 3), "bias_filler": BILINEAR},
            "bias_filler",
            "a bilinear filler fills square kernels, but this tensor has 1 axis, not four",
        ),
    ],
)
def test_a_bilinear_filler_wants_square_kernels(
    fields: dict[str, Any], field: str, message: str
) -> None:
    mistake = refusal(Convolution(num_output=2, **fields))
    assert (mistake.code, mistake.field, mistake.message) == ("bad-value", field, message)
    assert mistake.help == (
        "bilinear is the kernel of upsampling; leave the filler out, or choose another"
    )


def test_group() -> None:
    mistake = refusal(Convolution(num_output=4, kernel_size=(1, 1), group=3))
    assert (mistake.code, mistake.field) == ("group-mismatch", "group")
    assert mistake.message == (
        "`group` must divide `num_output`; 4 filters can't be split into 3 groups"
    )
    mistake = refusal(Convolution(num_output=6, kernel_size=(1, 1), group=3), (N, 4, 5, 5))
    assert (mistake.code, mistake.field) == ("group-mismatch", "group")
    assert mistake.message == (
        "`group` must divide the bottom's channels; 4 channels can't be split into 3 groups"
    )


def test_other_than_images() -> None:
    layer = Convolution(num_output=4, kernel_size=(1, 1))
    mistake = refusal(layer, (N, 4, 5))
    assert (mistake.code, mistake.bottom) == ("shape-mismatch", 0)
    assert mistake.message == ("Convolution needs a bottom of four axes, N×C×H×W, but reads N×4×5")
    assert mistake.help == "one- and three-dimensional networks are not supported"
    mistake = refusal(layer, (N, H, 5, 5))
    assert (mistake.code, mistake.bottom) == ("unknown-size", 0)
    assert mistake.message == "Convolution needs to know the number of channels, which is H here"
