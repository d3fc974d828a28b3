"""Upsample, PixelShuffle and ChannelShuffle."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from netspec.graph import Size
from netspec.graph.sizes import symbol
from netspec.layers import Layer
from netspec.layers.resize import LINEAR, ChannelShuffle, PixelShuffle, Upsample
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N, W
from tests.layers.layer_checks import (
    Reference,
    check_gradients,
    check_numbers,
    flops,
    layer_graph,
    refusal,
    values_for,
)
from tests.lower.onnx.checks import checked_model, run

IMAGE: tuple[Size, ...] = (N, 3, H, W)
D = symbol("D")
VOLUME: tuple[Size, ...] = (N, 3, 2, H, W)
Shapes = list[tuple[Size, ...]]


def nearest(*sizes: int) -> Reference:
    """The page's formula."""

    def apply(x: Tensor, *_: Tensor) -> Tensor:
        for axis, size in enumerate(sizes, start=2):
            x = x.index_select(axis, torch.arange(size) * x.shape[axis] // size)
        return x

    return apply


def linear(*sizes: int, align: bool = False) -> Reference:
    """The page's formula, one axis after the other."""

    def weights(size: int, wanted: int) -> Tensor:
        i = np.arange(wanted)
        place = i * (size - 1) / max(wanted - 1, 1) if align else (i + 0.5) * size / wanted - 0.5
        place = np.clip(place, 0, size - 1)
        hats = np.maximum(0, 1 - np.abs(place[:, None] - np.arange(size)))
        return torch.from_numpy(hats)

    def apply(x: Tensor, *_: Tensor) -> Tensor:
        for axis, size in enumerate(sizes, start=2):
            x = (weights(x.shape[axis], size) @ x.movedim(axis, -2)).movedim(-2, axis)
        return x

    return apply


CASES: dict[str, tuple[Layer, Shapes, Reference]] = {
    "nearest": (Upsample(scale=(2, 2)), [IMAGE], nearest(10, 12)),
    "nearest-scales": (Upsample(scale=(1, 3)), [IMAGE], nearest(5, 18)),
    "nearest-size": (Upsample(size=(9, 8)), [(N, 3, 4, 6)], nearest(9, 8)),
    "nearest-whole-factors": (Upsample(size=(8, 18)), [(N, 3, 4, 6)], nearest(8, 18)),
    "nearest-smaller": (Upsample(size=(2, 3)), [(N, 3, 7, 14)], nearest(2, 3)),
    "nearest-size-of-unknown": (Upsample(size=(9, 3)), [IMAGE], nearest(9, 3)),
    "nearest-alike": (Upsample(), [IMAGE, (N, 1, 7, 13)], nearest(7, 13)),
    "nearest-alike-unknown": (Upsample(), [(N, 3, 2, 4), (N, 1, H, W)], nearest(5, 6)),
    "nearest-large-factor": (Upsample(scale=(40, 1)), [(N, 1, 3, 2)], nearest(120, 2)),
    "bilinear": (Upsample(scale=(2, 2), mode="BILINEAR"), [IMAGE], linear(10, 12)),
    "bilinear-scales": (Upsample(scale=(3, 1), mode="BILINEAR"), [IMAGE], linear(15, 6)),
    "bilinear-corners": (
        Upsample(scale=(2, 3), mode="BILINEAR", align_corners=True),
        [IMAGE],
        linear(10, 18, align=True),
    ),
    "bilinear-size": (Upsample(size=(7, 3), mode="BILINEAR"), [(N, 3, 4, 6)], linear(7, 3)),
    "bilinear-size-of-unknown": (Upsample(size=(7, 3), mode="BILINEAR"), [IMAGE], linear(7, 3)),
    "bilinear-to-one": (Upsample(size=(1, 1), mode="BILINEAR"), [IMAGE], linear(1, 1)),
    "bilinear-corners-to-one": (
        Upsample(size=(1, 4), mode="BILINEAR", align_corners=True),
        [IMAGE],
        linear(1, 4, align=True),
    ),
    "nearest-row": (Upsample(scale=2), [(N, 3, W)], nearest(12)),
    "nearest-row-size": (Upsample(size=(7,)), [(N, 3, 4)], nearest(7)),
    "nearest-row-of-unknown": (Upsample(size=7), [(N, 3, W)], nearest(7)),
    "nearest-volume": (Upsample(scale=(1, 2, 3)), [VOLUME], nearest(2, 10, 18)),
    "nearest-volume-size": (Upsample(size=(3, 4, 9)), [(N, 3, 2, 3, 4)], nearest(3, 4, 9)),
    "nearest-volume-of-unknown": (Upsample(size=(3, 4, 9)), [VOLUME], nearest(3, 4, 9)),
    "nearest-volume-alike": (
        Upsample(),
        [(N, 3, 2, 3, 4), (N, 1, 4, H, W)],
        nearest(4, 5, 6),
    ),
    "linear": (Upsample(scale=2, mode="LINEAR"), [(N, 3, W)], linear(12)),
    "linear-size": (Upsample(size=4, mode="LINEAR"), [(N, 3, W)], linear(4)),
    "linear-to-one": (Upsample(size=1, mode="LINEAR"), [(N, 3, W)], linear(1)),
    "linear-corners": (
        Upsample(scale=3, mode="LINEAR", align_corners=True),
        [(N, 3, W)],
        linear(18, align=True),
    ),
    "linear-alike": (Upsample(mode="LINEAR"), [(N, 3, 4), (N, 1, W)], linear(6)),
    "trilinear": (Upsample(scale=2, mode="TRILINEAR"), [VOLUME], linear(4, 10, 12)),
    "trilinear-scales": (Upsample(scale=(3, 1, 2), mode="TRILINEAR"), [VOLUME], linear(6, 5, 12)),
    "trilinear-size": (Upsample(size=(4, 7, 3), mode="TRILINEAR"), [VOLUME], linear(4, 7, 3)),
    "trilinear-to-one": (Upsample(size=1, mode="TRILINEAR"), [VOLUME], linear(1, 1, 1)),
    "trilinear-corners": (
        Upsample(size=(1, 7, 4), mode="TRILINEAR", align_corners=True),
        [VOLUME],
        linear(1, 7, 4, align=True),
    ),
    "trilinear-alike": (
        Upsample(mode="TRILINEAR"),
        [(N, 3, 2, 2, 4), (N, 1, 3, H, W)],
        linear(3, 5, 6),
    ),
    "bilinear-alike": (
        Upsample(mode="BILINEAR"),
        [(N, 3, 2, 4), (N, 1, H, W)],
        linear(5, 6),
    ),
    "pixel-shuffle": (
        PixelShuffle(upscale_factor=2),
        [(N, 12, H, W)],
        lambda x: F.pixel_shuffle(x, 2),
    ),
    "pixel-shuffle-three": (
        PixelShuffle(upscale_factor=3),
        [(N, 9, 2, 4)],
        lambda x: x.reshape(2, 3, 3, 2, 4).permute(0, 3, 1, 4, 2).reshape(2, 1, 6, 12),
    ),
    "channel-shuffle": (
        ChannelShuffle(group=3),
        [(N, 12, H, W)],
        lambda x: x.reshape(2, 3, 4, 5, 6).transpose(1, 2).reshape(2, 12, 5, 6),
    ),
    "channel-shuffle-row": (
        ChannelShuffle(group=2),
        [(N, 4, W)],
        lambda x: x.reshape(2, 2, 2, 6).transpose(1, 2).reshape(2, 4, 6),
    ),
    "channel-shuffle-volume": (
        ChannelShuffle(group=2),
        [(N, 4, 2, H, W)],
        lambda x: x.reshape(2, 2, 2, 60).transpose(1, 2).reshape(2, 4, 2, 5, 6),
    ),
    "channel-shuffle-alone": (ChannelShuffle(group=1), [IMAGE], lambda x: x),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    check_numbers(*CASES[name])


@pytest.mark.parametrize("name", [name for name in CASES if "alike" not in name])
def test_gradients(name: str) -> None:
    layer, shapes, _ = CASES[name]
    check_gradients(layer, *shapes)


@pytest.mark.parametrize("sizes", [(2, 82), (4, 94), (14, 2), (52, 11), (3, 123), (61, 244)])
def test_the_back_ends_agree_on_the_nearest(sizes: tuple[int, int]) -> None:
    """Where floor(i·H / H') is hard to compute in single precision."""
    size, wanted = sizes
    for shape in ((N, 1, size, 1), (N, 1, H, 1)):
        graph = layer_graph(Upsample(size=(wanted, 1)), shape)
        x = values_for((2, 1, size, 1))
        with torch.no_grad():
            expected = to_torch(graph).eval()(torch.from_numpy(x)).numpy()
        (actual,) = run(checked_model(graph), x)
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("shape", [(N, 1, 3, 2), (N, 1, H, W)])
def test_a_factor_too_large_for_exact_division(shape: tuple[Size, ...]) -> None:
    graph = layer_graph(Upsample(scale=(41, 2)), shape)
    x = values_for((2, 1, 3, 2))
    with torch.no_grad():
        expected = to_torch(graph).eval()(torch.from_numpy(x)).numpy()
    (actual,) = run(checked_model(graph), x)
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize(
    ("layer", "shapes", "text"),
    [
        (Upsample(scale=(2, 2)), [IMAGE], "nn.Upsample(scale_factor=2)"),
        (
            Upsample(size=(4, 6), mode="BILINEAR", align_corners=True),
            [IMAGE],
            'nn.Upsample(size=(4, 6), mode="bilinear", align_corners=True)',
        ),
        (
            Upsample(mode="BILINEAR"),
            [IMAGE, IMAGE],
            'F.interpolate(in0, size=in1.shape[2:], mode="bilinear")',
        ),
        (
            Upsample(scale=2, mode="LINEAR"),
            [(N, 3, W)],
            'nn.Upsample(scale_factor=2, mode="linear")',
        ),
        (
            Upsample(size=(4, 5, 5), mode="TRILINEAR"),
            [VOLUME],
            'nn.Upsample(size=(4, 5, 5), mode="trilinear")',
        ),
        (PixelShuffle(upscale_factor=2), [(N, 12, H, W)], "nn.PixelShuffle(2)"),
        (ChannelShuffle(group=3), [(N, 12, H, W)], "nn.ChannelShuffle(3)"),
    ],
)
def test_emitted(layer: Layer, shapes: Shapes, text: str) -> None:
    assert text in to_source(layer_graph(layer, *shapes))


@pytest.mark.parametrize(
    ("layer", "shapes", "count"),
    [
        (Upsample(scale=(2, 2)), [(N, 3, 4, 5)], 0),
        (Upsample(scale=(2, 2), mode="BILINEAR"), [(N, 3, 4, 5)], 7 * 3 * 8 * 10),
        (Upsample(scale=2, mode="LINEAR"), [(N, 3, 4)], 3 * 3 * 8),
        (Upsample(scale=2, mode="TRILINEAR"), [(N, 3, 2, 4, 5)], 15 * 3 * 4 * 8 * 10),
        (PixelShuffle(upscale_factor=2), [(N, 4, 4, 5)], 0),
        (ChannelShuffle(group=2), [(N, 4, 4, 5)], 0),
    ],
)
def test_flops(layer: Layer, shapes: Shapes, count: int) -> None:
    assert flops(layer, *shapes) == count


@pytest.mark.parametrize(
    ("layer", "shapes", "code", "message"),
    [
        (
            Upsample(scale=(2, 2), size=(4, 4)),
            [IMAGE],
            "field-conflict",
            "Upsample takes `scale` or `size`, not both",
        ),
        (
            Upsample(scale=(2, 2), align_corners=True),
            [IMAGE],
            "field-conflict",
            "`align_corners` has no meaning with `mode: NEAREST`",
        ),
        (Upsample(), [IMAGE], "missing-field", "Upsample needs `scale`, `size` or a second bottom"),
        (
            Upsample(size=(2, 2)),
            [IMAGE, IMAGE],
            "field-conflict",
            "Upsample takes `size` or a second bottom, not both",
        ),
        (
            Upsample(scale=(2, 2)),
            [(N, 3)],
            "shape-mismatch",
            "Upsample needs a bottom of one to three spatial axes, N×C×L, N×C×H×W or N×C×D×H×W, "
            "but reads N×3",
        ),
        (
            Upsample(scale=(2, 2)),
            [VOLUME],
            "bad-value",
            "`scale` is a list of 2, but the bottom N×3×2×H×W has 3 spatial axes",
        ),
        (
            Upsample(scale=2, mode="BILINEAR"),
            [VOLUME],
            "bad-value",
            "BILINEAR interpolates along 2 spatial axes, but {0}, N×3×2×H×W, has 3",
        ),
        (
            Upsample(scale=2, mode="LINEAR"),
            [IMAGE],
            "bad-value",
            "LINEAR interpolates along 1 spatial axis, but {0}, N×3×H×W, has 2",
        ),
        (
            Upsample(),
            [IMAGE, VOLUME],
            "shape-mismatch",
            "Upsample needs bottoms with equally many axes, got N×3×H×W and N×3×2×H×W",
        ),
        (
            PixelShuffle(upscale_factor=2),
            [(N, 8, W)],
            "shape-mismatch",
            "PixelShuffle needs a bottom of four axes, N×C×H×W, but reads N×8×W",
        ),
        (
            ChannelShuffle(group=2),
            [(N, 8)],
            "shape-mismatch",
            "ChannelShuffle needs a bottom of one to three spatial axes, N×C×L, N×C×H×W or "
            "N×C×D×H×W, but reads N×8",
        ),
        (
            PixelShuffle(upscale_factor=2),
            [(N, 6, H, W)],
            "shape-mismatch",
            "PixelShuffle needs a multiple of 2² = 4 channels, but reads 6",
        ),
        (
            ChannelShuffle(group=4),
            [(N, 6, H, W)],
            "group-mismatch",
            "`group` must divide the bottom's channels; 6 channels can't be split into 4 groups",
        ),
    ],
)
def test_refusals(layer: Layer, shapes: Shapes, code: str, message: str) -> None:
    error = refusal(layer, *shapes)
    assert (error.code, error.message) == (code, message)


sizes = st.integers(1, 12)


@st.composite
def resized(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """The spatial sizes of a bottom and of a top."""
    axes = draw(st.integers(1, 3))
    most, wanted = (12, 30) if axes < 3 else (5, 9)

    def sizes(greatest: int) -> list[int]:
        return draw(st.lists(st.integers(1, greatest), min_size=axes, max_size=axes))

    return sizes(most), sizes(wanted)


@settings(deadline=None, max_examples=60)
@given(
    sizes=resized(),
    mode=st.sampled_from(["NEAREST", "LINEAR", "ALIGNED"]),
    known=st.booleans(),
)
def test_any_size(sizes: tuple[list[int], list[int]], mode: str, known: bool) -> None:
    """PyTorch and ONNX Runtime agree, whichever of the two is larger."""
    size, wanted = sizes
    word = "NEAREST" if mode == "NEAREST" else LINEAR[len(size) - 1]
    fields = {"size": wanted, "mode": word, "align_corners": mode == "ALIGNED"}
    layer = Upsample.model_validate(fields)
    graph = layer_graph(layer, (N, 2, *size) if known else (N, 2, *(D, H, W)[-len(size) :]))
    x = values_for((2, 2, *size))
    with torch.no_grad():
        expected = to_torch(graph).eval()(torch.from_numpy(x)).numpy()
    (actual,) = run(checked_model(graph, opset=13), x)
    # Places, too, are computed in single precision.
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5 * np.abs(x).max())


@settings(deadline=None, max_examples=20)
@given(group=st.integers(1, 6), width=st.integers(1, 5))
def test_any_group(group: int, width: int) -> None:
    layer = ChannelShuffle(group=group)
    shape = (2, group * width, 2, 3)

    def reference(x: Tensor) -> Tensor:
        top = torch.empty_like(x)
        for k in range(width):
            for g in range(group):
                top[:, k * group + g] = x[:, g * width + k]
        return top

    check_numbers(layer, [shape], reference, opsets=[13], source=False)
