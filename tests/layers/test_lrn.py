"""LRN and LCN against loops over the elements."""

from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from netspec.graph import Size
from netspec.layers import Layer
from netspec.layers.lrn import LCN, LRN, NormRegion
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N, W
from tests.layers.layer_checks import (
    check_gradients,
    check_numbers,
    flops,
    layer_graph,
    refusal,
)
from tests.lower.onnx.checks import NEWEST

IMAGE: tuple[Size, ...] = (N, 3, H, W)


def within_channel(x: Tensor, size: int, alpha: float, beta: float) -> Tensor:
    """Caffe's rule, an element at a time; what lies beyond the border is 0."""
    y, half, axes = torch.empty_like(x), size // 2, x.dim() - 2
    for n, c, *place in product(*map(range, x.shape)):
        window = tuple(slice(max(each - half, 0), each + half + 1) for each in place)
        energy = x[n, c][window].square().sum()
        here = (n, c, *place)
        y[here] = x[here] / (1 + alpha / size**axes * energy) ** beta
    return y


def windowed(x: Tensor, size: int, std: float) -> Tensor:
    """The weighted sum around each position, over all channels; N×H×W."""
    batch, channels, height, width = x.shape
    y, half = x.new_zeros(batch, height, width), size // 2
    offsets = range(-half, half + 1)
    weights = {(i, j): np.exp(-(i * i + j * j) / (2 * std**2)) for i in offsets for j in offsets}
    total = channels * sum(weights.values())
    for h, w, (i, j) in product(range(height), range(width), weights):
        if 0 <= h + i < height and 0 <= w + j < width:
            y[:, h, w] += weights[i, j] / total * x[:, :, h + i, w + j].sum(1)
    return y


def contrast(x: Tensor, size: int, std: float, eps: float) -> Tensor:
    v = x - windowed(x, size, std)[:, None]
    sigma = windowed(v * v, size, std).clamp(min=eps**2).sqrt()
    least = sigma.mean((1, 2))[:, None, None]
    return v / torch.maximum(sigma, least)[:, None]


SHAPES = [IMAGE, (N, 3, W), (N, 3, 2, H, W)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 3, 5, 7])
def test_across_channels(size: int, shape: tuple[Size, ...]) -> None:
    layer = LRN(local_size=size, alpha=0.7, beta=0.6, k=2)
    check_numbers(layer, [shape], lambda x: F.local_response_norm(x, size, 0.7, 0.6, 2))
    check_gradients(layer, shape)


@pytest.mark.parametrize(
    ("shape", "more"), [*zip(SHAPES, ["", ", rank=3", ", rank=5"], strict=True)]
)
@pytest.mark.parametrize("size", [1, 3, 5, 13])
def test_within_channel(size: int, shape: tuple[Size, ...], more: str) -> None:
    layer = LRN(local_size=size, alpha=0.7, beta=0.6, k=7, norm_region="WITHIN_CHANNEL")
    check_numbers(layer, [shape], lambda x: within_channel(x, size, 0.7, 0.6))
    check_gradients(layer, shape)
    text = f"SpatialResponseNorm({size}, alpha=0.7, beta=0.6{more})"
    assert text in to_source(layer_graph(layer, shape))


@pytest.mark.parametrize(("size", "std", "eps"), [(9, 2.0, 1e-4), (1, 1.0, 1e-4), (5, 0.7, 2.0)])
def test_contrast(size: int, std: float, eps: float) -> None:
    layer = LCN(local_size=size, std=std, eps=eps)
    check_numbers(layer, [IMAGE], lambda x: contrast(x, size, std, eps))
    check_gradients(layer, IMAGE)


def test_an_image_without_contrast() -> None:
    """An all-zero image gives zeros, and finite gradients."""
    check_gradients(LCN(), IMAGE, inputs=[torch.zeros(2, 3, 5, 6)])
    model = to_torch(layer_graph(LCN(), IMAGE))
    assert (model(torch.zeros(1, 3, 5, 6)) == 0).all()


def test_the_window_is_no_weight() -> None:
    graph = layer_graph(LCN(), IMAGE)
    assert "LocalContrastNorm()" in to_source(graph)
    assert not to_torch(graph).state_dict()


WINDOWS = given(
    region=st.sampled_from(["ACROSS_CHANNELS", "WITHIN_CHANNEL"]),
    half=st.integers(0, 4),
    shape=st.tuples(st.just(1), st.integers(1, 5), st.integers(1, 6), st.integers(1, 6)),
    opset=st.sampled_from([13, 19, NEWEST]),
)


def check_window(
    region: NormRegion, half: int, shape: tuple[int, int, int, int], opset: int
) -> None:
    size = 2 * half + 1
    layer = LRN(local_size=size, alpha=0.5, norm_region=region)

    def reference(x: Tensor) -> Tensor:
        if region == "WITHIN_CHANNEL":
            return within_channel(x, size, 0.5, 0.75)
        return F.local_response_norm(x, size, 0.5, 0.75, 1)

    check_numbers(layer, [shape], reference, opsets=[opset], source=False)


@settings(max_examples=10, deadline=None)
@WINDOWS
def test_any_window(
    region: NormRegion, half: int, shape: tuple[int, int, int, int], opset: int
) -> None:
    check_window(region, half, shape, opset)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@WINDOWS
def test_many_windows(
    region: NormRegion, half: int, shape: tuple[int, int, int, int], opset: int
) -> None:
    check_window(region, half, shape, opset)


def test_flops() -> None:
    assert flops(LRN(), (N, 3, 4, 5)) == 60 * 9
    within = LRN(local_size=3, norm_region="WITHIN_CHANNEL")
    assert flops(within, (N, 3, 4, 5)) == 60 * 13
    assert flops(within, (N, 3, 20)) == 60 * 7
    assert flops(within, (N, 3, 2, 2, 5)) == 60 * 31
    # v: 4·5 positions of 3 channels' mean (3) and a window of 9 (17), 60 subtractions; σ: 60
    # squares, 20·(3 + 17), the maximum and the root; c: 20; the maximum and 60 divisions.
    expected = 20 * (3 + 17) + 60 + 60 + 20 * (3 + 17) + 2 * 20 + 20 + 20 + 60
    assert flops(LCN(local_size=3), (N, 3, 4, 5)) == expected
    assert str(flops(LRN(), (N, 3, H, W))) == "27*H*W"


@pytest.mark.parametrize(
    ("layer", "what"), [(LRN(local_size=4), "sum"), (LCN(local_size=4), "window")]
)
def test_refusals(layer: Layer, what: str) -> None:
    error = refusal(layer)
    assert error.message == (
        f"`local_size` must be odd: the {what} has the element in its middle; got 4"
    )
    assert (error.code, error.field) == ("bad-value", "local_size")
    assert refusal(type(layer)(), (N, 3)).code == "shape-mismatch"


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (
            LRN(),
            (N, 3),
            "LRN needs a bottom of one to three spatial axes, N×C×L, N×C×H×W or N×C×D×H×W, but "
            "reads N×3",
        ),
        (LCN(), (N, 3, W), "LCN needs a bottom of four axes, N×C×H×W, but reads N×3×W"),
    ],
)
def test_axes(layer: Layer, shape: tuple[Size, ...], message: str) -> None:
    assert refusal(layer, shape).message == message


def test_the_largest_window() -> None:
    error = refusal(LCN(local_size=2049))
    assert error.message == (
        "`local_size` should be at most 2047, not 2049: LCN holds a number for each element of its "
        "window"
    )
    assert (error.code, error.field) == ("bad-value", "local_size")
    assert not list(LCN(local_size=2047).check())
