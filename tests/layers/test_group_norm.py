"""GroupNorm, InstanceNorm and LayerNorm against PyTorch's own functions and their definition."""

from itertools import combinations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from netspec.graph import Size
from netspec.layers.group_norm import GroupNorm, InstanceNorm, LayerNorm
from netspec.lower.torch import to_source
from tests.graphs import H, N, W, chain
from tests.layers.layer_checks import (
    Sizes,
    check_gradients,
    check_numbers,
    flops,
    held,
    layer_graph,
    refusal,
)
from tests.lower.onnx.checks import NEWEST, OPSETS
from tests.lower.torch.checks import checked_source

IMAGE: Sizes = (N, 6, H, W)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("group", [1, 2, 3, 6])
def test_group_norm(group: int, affine: bool) -> None:
    layer = GroupNorm(group=group, eps=0.01, affine=affine)
    check_numbers(layer, [IMAGE], lambda x, **held: F.group_norm(x, group, **held, eps=0.01))
    check_gradients(layer, IMAGE)


@pytest.mark.parametrize("shape", [(N, 6), (N, 6, H), (4, 6, 3, 2), (N, 6, 2, 3, W)])
def test_group_norm_of_other_shapes(shape: Sizes) -> None:
    layer = GroupNorm(group=2)
    check_numbers(layer, [shape], lambda x, **held: F.group_norm(x, 2, **held))


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("shape", [IMAGE, (N, 6, H), (N, 6, 2, 1), (N, 6, 2, H, W)])
def test_instance_norm(shape: Sizes, affine: bool) -> None:
    layer = InstanceNorm(eps=0.01, affine=affine)

    def reference(x: Tensor, weight: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        return F.instance_norm(x, weight=weight, bias=bias, eps=0.01)

    check_numbers(layer, [shape], reference)
    check_gradients(layer, shape)


def layer_norm(
    x: Tensor, axes: tuple[int, ...], eps: float, weight: Tensor | None, bias: Tensor | None
) -> Tensor:
    """By definition."""
    mean = x.mean(axes, keepdim=True)
    variance = (x - mean).square().mean(axes, keepdim=True)
    y = (x - mean) / (variance + eps).sqrt()
    if weight is None or bias is None:
        return y
    shape = [size if axis in axes else 1 for axis, size in enumerate(x.shape)]
    return y * weight.view(shape) + bias.view(shape)


def check_layer_norm(layer: LayerNorm, shape: Sizes, axes: tuple[int, ...], opset: int) -> None:
    def reference(x: Tensor, weight: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        return layer_norm(x, axes, layer.eps, weight, bias)

    check_numbers(layer, [shape], reference, opsets=[opset], source=False)


@pytest.mark.parametrize("opset", OPSETS)
def test_layer_norm_of_channels(opset: int) -> None:
    check_layer_norm(LayerNorm(eps=1e-6), IMAGE, (1,), opset)
    check_layer_norm(LayerNorm(affine=False), IMAGE, (1,), opset)
    check_layer_norm(LayerNorm(), (N, 6), (1,), opset)
    check_layer_norm(LayerNorm(axis=-1, affine=False), (N, H, 6), (2,), opset)


def test_layer_norm_is_pytorchs() -> None:
    x = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    weight, bias = torch.rand(4, 5, dtype=torch.float64), torch.rand(4, 5, dtype=torch.float64)
    expected = F.layer_norm(x, (4, 5), weight, bias, 0.01)
    torch.testing.assert_close(layer_norm(x, (2, 3), 0.01, weight, bias), expected)


@pytest.mark.parametrize(
    "axes", [axes for count in (1, 2, 3) for axes in combinations((1, 2, 3), count)]
)
def test_layer_norm_over_any_axes(axes: tuple[int, ...]) -> None:
    layer = LayerNorm(axis=list(axes))
    shape = (N, 3, 4, 5)
    checked_source(layer_graph(layer, shape))
    check_gradients(layer, shape)
    assert held(layer, shape)["weight"] == tuple((2, 3, 4, 5)[axis] for axis in axes)
    for opset in (13, 17, 18, NEWEST):
        check_layer_norm(layer, shape, axes, opset)


AXES = given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    affine=st.booleans(),
    opset=st.sampled_from([13, 17, NEWEST]),
    data=st.data(),
)


def check_layer_norm_over_drawn_axes(
    sizes: list[int], affine: bool, opset: int, data: st.DataObject
) -> None:
    shape = tuple(sizes)
    axes = data.draw(st.sets(st.integers(0, len(sizes) - 1), min_size=1))
    # In any order, from the front or from the back.
    listed = data.draw(st.permutations(sorted(axes)))
    signed = [axis - data.draw(st.sampled_from([0, len(sizes)])) for axis in listed]
    layer = LayerNorm(axis=signed, affine=affine, eps=0.1)
    check_layer_norm(layer, shape, tuple(sorted(axes)), opset)


@settings(max_examples=15, deadline=None)
@AXES
def test_layer_norm_over_drawn_axes(
    sizes: list[int], affine: bool, opset: int, data: st.DataObject
) -> None:
    check_layer_norm_over_drawn_axes(sizes, affine, opset, data)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@AXES
def test_layer_norm_over_many_axes(
    sizes: list[int], affine: bool, opset: int, data: st.DataObject
) -> None:
    check_layer_norm_over_drawn_axes(sizes, affine, opset, data)


@pytest.mark.parametrize(
    ("layer", "shape", "text"),
    [
        (GroupNorm(group=2), IMAGE, "nn.GroupNorm(2, 6)"),
        (InstanceNorm(), IMAGE, "nn.InstanceNorm2d(6)"),
        (
            InstanceNorm(affine=True, eps=0.1),
            (N, 6, H),
            "nn.InstanceNorm1d(6, eps=0.1, affine=True)",
        ),
        (InstanceNorm(), (N, 6, 2, H, W), "nn.InstanceNorm3d(6)"),
        (LayerNorm(), (N, 6), "nn.LayerNorm(6)"),
        (
            LayerNorm(axis=[-1, -2], affine=False),
            (N, 6, 4, 5),
            "nn.LayerNorm((4, 5), elementwise_affine=False)",
        ),
        (LayerNorm(), IMAGE, "AxisLayerNorm((6,), (1,))"),
    ],
)
def test_as_text(layer: GroupNorm | InstanceNorm | LayerNorm, shape: Sizes, text: str) -> None:
    assert text in to_source(layer_graph(layer, shape))


def test_in_a_sequential() -> None:
    layers = [GroupNorm(group=2), InstanceNorm(), LayerNorm(), LayerNorm(axis=[2, 3])]
    checked_source(chain((N, 6, 4, 5), *layers))


def test_weights() -> None:
    assert held(GroupNorm(group=2), IMAGE) == {"weight": (6,), "bias": (6,)}
    assert held(GroupNorm(group=2, affine=False), IMAGE) == {}
    assert held(InstanceNorm(), IMAGE) == {}
    assert held(InstanceNorm(affine=True), IMAGE) == {"weight": (6,), "bias": (6,)}
    assert held(LayerNorm(), IMAGE) == {"weight": (6,), "bias": (6,)}


@pytest.mark.parametrize(
    ("layer", "count"),
    [
        # Groups of 60, 20, 6 and 120 elements: 5n + 2 each; scale and shift 2 an element.
        (GroupNorm(group=2), 2 * 302 + 240),
        (InstanceNorm(), 6 * 102),
        (LayerNorm(affine=False), 20 * 32),
        (LayerNorm(axis=[1, 2, 3]), 602 + 240),
    ],
)
def test_flops(layer: GroupNorm | InstanceNorm | LayerNorm, count: int) -> None:
    assert flops(layer, (N, 6, 4, 5)) == count


REFUSED: list[tuple[GroupNorm | InstanceNorm | LayerNorm, tuple[Size, ...], str]] = [
    (
        GroupNorm(group=4),
        IMAGE,
        "`group` must divide the bottom's channels; 6 channels can't be split into 4 groups",
    ),
    (GroupNorm(group=1), (N,), "GroupNorm needs a bottom of two axes or more, N×C×…, but reads N"),
    (
        GroupNorm(group=6),
        (N, 6, 1, 1),
        "GroupNorm would normalize single elements of N×6×1×1, which makes all of them 0",
    ),
    (
        InstanceNorm(),
        (N, 6, 1, 1),
        "InstanceNorm would normalize single elements of N×6×1×1, which makes all of them 0",
    ),
    (
        InstanceNorm(),
        (N, 6),
        "InstanceNorm needs a bottom of three to five axes, N×C×…, but reads N×6",
    ),
    (
        InstanceNorm(),
        (N, H, W),
        "InstanceNorm needs to know the number of channels, which is H here",
    ),
    (LayerNorm(axis=2), IMAGE, "LayerNorm needs to know the size of axis 2, which is H here"),
    (LayerNorm(axis=4), IMAGE, "LayerNorm's `axis` is 4, but its bottom N×6×H×W has 4 axes"),
    (LayerNorm(axis=[1, -3]), IMAGE, "LayerNorm's `axis` names an axis twice"),
    (LayerNorm(axis=[]), IMAGE, "LayerNorm's `axis` is empty"),
]


@pytest.mark.parametrize(("layer", "shape", "message"), REFUSED)
def test_refusals(layer: GroupNorm | InstanceNorm | LayerNorm, shape: Sizes, message: str) -> None:
    assert refusal(layer, shape).message == message
