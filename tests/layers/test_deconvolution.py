"""Deconvolution: its numbers, its cost, and what it refuses."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

import netspec
from netspec.graph.fillers import Filler
from netspec.layers.deconvolution import Deconvolution
from netspec.lower.torch import to_source, to_torch
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

SIZES = (5, 6, 4)
FUNCTIONS = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


@st.composite
def deconvolutions(draw: st.DrawFn) -> tuple[Deconvolution, int, int]:
    """A layer, the channels of its bottom and its spatial axes."""
    group, axes = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    sizes = st.tuples(*[st.integers(1, 3)] * axes)
    stride = draw(sizes)
    layer = Deconvolution(
        num_output=group * draw(st.integers(1, 2)),
        kernel_size=draw(sizes),
        stride=stride,
        pad=draw(st.tuples(*[st.integers(0, 3)] * axes)),
        dilation=draw(sizes),
        group=group,
        bias_term=draw(st.booleans()),
        output_pad=tuple(draw(st.integers(0, step - 1)) for step in stride),
    )
    return layer, group * draw(st.integers(1, 2)), axes


@settings(max_examples=40, deadline=None)
@given(deconvolutions(), st.booleans(), st.sampled_from(OPSETS))
def test_numbers(case: tuple[Deconvolution, int, int], known: bool, opset: int) -> None:
    layer, channels, axes = case
    shape = (2, channels, *SIZES[:axes])
    assume(all(isinstance(size, int) and size > 0 for size in layer.outputs(types(shape))[0].shape))

    def reference(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        convolve: Any = FUNCTIONS[axes]
        result: Tensor = convolve(
            x,
            weight,
            bias,
            layer.stride,
            layer.pad,
            layer.output_pad,
            layer.group,
            layer.dilation,
        )
        return result

    shapes = [shape if known else (N, channels, H, W, 4)[: 2 + axes]]
    check_numbers(layer, shapes, reference, opsets=[opset], source=False)


def test_source() -> None:
    layer = Deconvolution(
        num_output=6, kernel_size=(3, 3), stride=(2, 2), pad=(1, 1), output_pad=(1, 1), group=2
    )
    source = to_source(layer_graph(layer, (N, 4, H, W)))
    assert (
        "nn.ConvTranspose2d(\n            4, 6, 3, stride=2, padding=1, output_padding=1, groups=2"
    ) in source
    assert "if module.bias is not None" in source


def test_gradients() -> None:
    check_gradients(Deconvolution(num_output=4, kernel_size=(3, 3), group=2), (2, 4, 6, 6))


def test_weights() -> None:
    layer = Deconvolution(num_output=6, kernel_size=(3, 5), group=2)
    assert held(layer, (N, 4, 9, 9)) == {"weight": (4, 3, 3, 5), "bias": (6,)}


def test_cost() -> None:
    layer = Deconvolution(num_output=6, kernel_size=(3, 5), stride=(2, 1), group=2)
    graph = layer_graph(layer, (N, 4, 8, 9))
    node = graph.nodes[0]
    assert node.macs == (4 * 8 * 9) * 3 * 15
    assert node.flops == 2 * node.macs + 6 * 17 * 13
    with FlopCounterMode(display=False) as counter:
        to_torch(graph)(torch.zeros(1, 4, 8, 9))
    assert counter.get_total_flops() == 2 * node.macs


def test_symbolic_sizes() -> None:
    layer = Deconvolution(num_output=6, kernel_size=(4, 4), stride=(2, 2), pad=(1, 1))
    (top,) = layer.outputs(types((N, 3, H, W)))
    assert str(top) == "N×6×2*H×2*W"


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_bilinear_upsampling(factor: int) -> None:
    """As the page says; in the middle it is PyTorch's own, whose corners stand half a pixel in."""
    size = 2 * factor - factor % 2
    layer = Deconvolution(
        num_output=3,
        kernel_size=(size, size),
        stride=(factor, factor),
        pad=(factor // 2, factor // 2),
        group=3,
        bias_term=False,
        weight_filler=Filler(type="bilinear"),
    )
    assert factor // 2 == -(-(factor - 1) // 2)
    x = torch.randn(2, 3, 5, 6)
    found = to_torch(layer_graph(layer, (N, 3, 5, 6)))(x).detach()
    expected = F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)
    inner = slice(factor, -factor)
    np.testing.assert_allclose(found[..., inner, inner], expected[..., inner, inner], atol=1e-5)


def test_a_bilinear_filler_wants_square_kernels() -> None:
    layer = Deconvolution(num_output=2, kernel_size=(4, 2), weight_filler=Filler(type="bilinear"))
    mistake = refusal(layer)
    assert (mistake.code, mistake.field) == ("bad-value", "weight_filler")
    assert mistake.message == "a bilinear filler fills square kernels, not 4×2"


def test_output_pad() -> None:
    mistake = refusal(
        Deconvolution(num_output=2, kernel_size=(3, 3), stride=(2, 1), output_pad=(1, 1))
    )
    assert (mistake.code, mistake.field) == ("bad-value", "output_pad")
    assert mistake.message == (
        "`output_pad` must be less than the stride: it is 1 where the stride is 1"
    )


def test_group() -> None:
    mistake = refusal(Deconvolution(num_output=6, kernel_size=(1, 1), group=3), (N, 4, 5, 5))
    assert (mistake.code, mistake.field) == ("group-mismatch", "group")
    assert mistake.message == (
        "`group` must divide the bottom's channels; 4 channels can't be split into 3 groups"
    )


def test_pytorchs_names_are_answered() -> None:
    text = (
        "netspec: 1\nname: Net\ninputs: {data: [N, 3, 8, 8]}\nlayers:\n"
        "  - {name: a, type: Deconvolution, num_output: 3, kernel_size: 2, output_padding: 1}\n"
    )
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads(text)
    assert caught.value.diagnostics[0].help == "netspec calls it `output_pad`"
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads(text.replace("Deconvolution", "ConvTranspose2d"))
    assert caught.value.diagnostics[0].help == "netspec calls it `Deconvolution`"
