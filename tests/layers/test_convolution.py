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

SIZES = (5, 6, 4)
FUNCTIONS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[Convolution, int, int]:
    """A layer, the channels of its bottom and its spatial axes."""
    group, axes = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    sizes = st.one_of(st.integers(1, 3), st.tuples(*[st.integers(1, 3)] * axes))
    layer = Convolution(
        num_output=group * draw(st.integers(1, 2)),
        kernel_size=draw(sizes),
        stride=draw(sizes),
        pad=draw(st.tuples(*[st.integers(0, 4)] * axes)),
        dilation=draw(sizes),
        group=group,
        bias_term=draw(st.booleans()),
    )
    return layer, group * draw(st.integers(1, 2)), axes


def convolved(layer: Convolution, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    convolve: Any = FUNCTIONS[x.ndim - 2]
    result: Tensor = convolve(x, weight, bias, layer.stride, layer.pad, layer.dilation, layer.group)
    return result


@settings(max_examples=40, deadline=None)
@given(convolutions(), st.booleans(), st.sampled_from(OPSETS))
def test_numbers(case: tuple[Convolution, int, int], known: bool, opset: int) -> None:
    layer, channels, axes = case
    shape = (2, channels, *SIZES[:axes])
    assume(all(isinstance(size, int) and size > 0 for size in layer.outputs(types(shape))[0].shape))

    def reference(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return convolved(layer, x, weight, bias)

    shapes = [shape if known else (N, channels, H, W, 4)[: 2 + axes]]
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


def test_weights_and_cost_in_other_axes() -> None:
    rows = Convolution(num_output=6, kernel_size=5, stride=2, group=2)
    assert held(rows, (N, 4, 9)) == {"weight": (6, 2, 5), "bias": (6,)}
    assert layer_graph(rows, (N, 4, 9)).nodes[0].macs == 6 * 3 * (2 * 5)
    volumes = Convolution(num_output=6, kernel_size=(1, 3, 3), pad=(0, 1, 1))
    assert held(volumes, (N, 4, 5, 6, 7)) == {"weight": (6, 4, 1, 3, 3), "bias": (6,)}
    assert layer_graph(volumes, (N, 4, 5, 6, 7)).nodes[0].macs == 6 * 5 * 6 * 7 * (4 * 9)


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


@pytest.mark.parametrize(
    ("fields", "shape", "message", "help"),
    [
        (
            {"kernel_size": (3, 5)},
            (N, 4, 9),
            "`kernel_size` is a list of 2, but the bottom N×4×9 has 1 spatial axis",
            "give one number, which serves all axes, or [length]",
        ),
        (
            {"kernel_size": 3, "pad": (1,)},
            (N, 4, 9, 9),
            "`pad` is a list of 1, but the bottom N×4×9×9 has 2 spatial axes",
            "give one number, which serves all axes, or [height, width]",
        ),
        (
            {"kernel_size": (1, 3, 3), "stride": (1, 2)},
            (N, 4, 9, 9, 9),
            "`stride` is a list of 2, but the bottom N×4×9×9×9 has 3 spatial axes",
            "give one number, which serves all axes, or [depth, height, width]",
        ),
    ],
)
def test_a_list_has_a_size_for_each_axis(
    fields: dict[str, Any], shape: tuple[Any, ...], message: str, help: str
) -> None:
    mistake = refusal(Convolution(num_output=2, **fields), shape)
    assert (mistake.code, mistake.message, mistake.help) == ("bad-value", message, help)
    assert mistake.field == message.split("`")[1]


def test_a_bilinear_filler_is_a_matter_of_images() -> None:
    layer = Convolution(num_output=2, kernel_size=3, weight_filler=BILINEAR)
    assert held(layer, (N, 4, 9, 9)) == {"weight": (2, 4, 3, 3), "bias": (2,)}
    mistake = refusal(layer, (N, 4, 9))
    assert (mistake.code, mistake.field) == ("bad-value", "weight_filler")
    assert mistake.message == (
        "a bilinear filler fills square kernels, but this tensor has 3 axes, not four"
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


def test_other_bottoms() -> None:
    layer = Convolution(num_output=4, kernel_size=(1, 1))
    mistake = refusal(layer, (N, 4))
    assert (mistake.code, mistake.bottom) == ("shape-mismatch", 0)
    assert mistake.message == (
        "Convolution needs a bottom of one to three spatial axes, N×C×L, N×C×H×W or N×C×D×H×W, but "
        "reads N×4"
    )
    mistake = refusal(layer, (N, H, 5, 5))
    assert (mistake.code, mistake.bottom) == ("unknown-size", 0)
    assert mistake.message == "Convolution needs to know the number of channels, which is H here"
