"""The layers of regions against loops written from their authors' and torchvision's code."""

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from netspec.graph import Graph, Size
from netspec.graph.sizes import symbol
from netspec.layers.roi import PSROIPooling, RegionLayer, ROIAlign, ROIPooling
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N, W
from tests.layers.layer_checks import flops, layer_graph, refusal, types, values_for
from tests.lower.onnx.checks import OPSETS, checked_model, run
from tests.lower.torch.checks import check_text

Array = NDArray[np.float32]
R = symbol("R")
BATCH, CHANNELS, ROWS, COLUMNS = 2, 3, 9, 11
IMAGE = values_for((BATCH, CHANNELS, ROWS, COLUMNS))

EDGES: list[list[float]] = [
    [0, 0, 0, 10, 8],  # all of it
    [1, 2, 1, 7, 6],
    [0, 2.5, 1.5, 4.5, 3.5],  # halves
    [1, 0.5, 0.5, 0.5, 0.5],
    [0, -2.5, -1.5, 3, 3],  # partly outside
    [1, 6, 5, 20, 17],
    [0, -9, -9, -5, -5],  # wholly outside
    [1, 30, 30, 35, 33],
    [0, 5, 4, 2, 1],  # the wrong way round
    [1, 3.3, 2.2, 3.4, 2.3],  # less than an element
]


def rounded(value: np.float32) -> int:
    """C's `round`: halves go away from zero."""
    return int(math.copysign(math.floor(abs(float(value)) + 0.5), float(value)))


def roi_pooled(layer: ROIPooling, rois: Array) -> Array:
    """roi_pooling_layer.cpp of Fast R-CNN, in float32 as it computes."""
    result = np.zeros((len(rois), CHANNELS, layer.pooled_h, layer.pooled_w), np.float32)
    for number, roi in enumerate(rois):
        left, top, right, bottom = (rounded(c * np.float32(layer.spatial_scale)) for c in roi[1:])
        for i in range(layer.pooled_h):
            rows = roi_span(i, top, bottom, layer.pooled_h, ROWS)
            for j in range(layer.pooled_w):
                columns = roi_span(j, left, right, layer.pooled_w, COLUMNS)
                window = IMAGE[int(roi[0]), :, rows, columns]
                if window.size:
                    result[number, :, i, j] = window.max(axis=(1, 2))
    return result


def roi_span(number: int, start: int, end: int, count: int, size: int) -> slice:
    length = np.float32(max(end - start + 1, 1)) / np.float32(count)
    first = int(np.floor(np.float32(number) * length)) + start
    last = int(np.ceil(np.float32(number + 1) * length)) + start
    first, last = min(max(first, 0), size), min(max(last, 0), size)
    return slice(first, max(first, last))


def roi_aligned(layer: ROIAlign, rois: Array) -> Array:
    """torchvision's roi_align.cpp with `aligned` false."""
    result = np.zeros((len(rois), CHANNELS, layer.pooled_h, layer.pooled_w))
    for number, roi in enumerate(rois):
        left, top, right, bottom = roi[1:] * np.float32(layer.spatial_scale)
        rows = samples(top, bottom, layer.pooled_h, layer.sampling_ratio)
        columns = samples(left, right, layer.pooled_w, layer.sampling_ratio)
        image = IMAGE[int(roi[0])].astype(np.float64)
        for i, ys in enumerate(rows):
            for j, xs in enumerate(columns):
                values = [bilinear(image, y, x) for y in ys for x in xs]
                result[number, :, i, j] = np.mean(values, axis=0)
    return result.astype(np.float32)


def samples(start: np.float32, end: np.float32, count: int, ratio: int) -> list[list[float]]:
    length = max(end - start, np.float32(1)) / np.float32(count)
    each = ratio or math.ceil(length)
    return [
        [float(start + i * length + (k + 0.5) * length / each) for k in range(each)]
        for i in range(count)
    ]


def bilinear(image: NDArray[np.float64], y: float, x: float) -> NDArray[np.float64]:
    if not -1 <= y <= ROWS or not -1 <= x <= COLUMNS:
        return np.zeros(CHANNELS)
    y, x = max(y, 0), max(x, 0)
    above, left = min(int(y), ROWS - 1), min(int(x), COLUMNS - 1)
    below, right = min(above + 1, ROWS - 1), min(left + 1, COLUMNS - 1)
    dy, dx = (y - above if above < ROWS - 1 else 0), (x - left if left < COLUMNS - 1 else 0)
    upper = image[:, above, left] * (1 - dx) + image[:, above, right] * dx
    lower = image[:, below, left] * (1 - dx) + image[:, below, right] * dx
    mixed: NDArray[np.float64] = upper * (1 - dy) + lower * dy
    return mixed


def region_graph(layer: RegionLayer, known: bool = False) -> Graph:
    shape = (BATCH, CHANNELS, ROWS, COLUMNS) if known else (N, CHANNELS, H, W)
    return layer_graph(layer, shape, (R, 5))


def check(layer: RegionLayer, rois: Array, expected: Array, opsets: Sequence[int] = (20,)) -> None:
    graph = region_graph(layer)
    with torch.no_grad():
        found = to_torch(graph)(torch.from_numpy(IMAGE), torch.from_numpy(rois)).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    for opset in opsets:
        (found,) = run(checked_model(graph, opset=opset), IMAGE, rois)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5, err_msg=str(opset))


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.0625])
@pytest.mark.parametrize("size", [(7, 7), (2, 3), (1, 1)])
def test_roi_pooling(size: tuple[int, int], scale: float) -> None:
    layer = ROIPooling(pooled_h=size[0], pooled_w=size[1], spatial_scale=scale)
    rois = np.array(EDGES, np.float32)
    rois[:, 1:] /= np.float32(scale)
    check(layer, rois, roi_pooled(layer, rois), OPSETS)


@pytest.mark.parametrize("ratio", [0, 1, 2])
@pytest.mark.parametrize("scale", [1.0, 0.5, 0.0625])
@pytest.mark.parametrize("size", [(7, 7), (2, 3)])
def test_roi_align(size: tuple[int, int], scale: float, ratio: int) -> None:
    layer = ROIAlign(pooled_h=size[0], pooled_w=size[1], spatial_scale=scale, sampling_ratio=ratio)
    rois = np.array(EDGES, np.float32)
    rois[:, 1:] /= np.float32(scale)
    check(layer, rois, roi_aligned(layer, rois), OPSETS)


def position_sensitive(layer: PSROIPooling, image: Array, rois: Array) -> Array:
    """R-FCN's psroi_pooling_layer.cu, in float32 as it computes."""
    side, scale = layer.group_size, np.float32(layer.spatial_scale)
    result = np.zeros((len(rois), layer.output_dim, side, side), np.float32)
    for number, roi in enumerate(rois):
        left, top, right, bottom = map(rounded, roi[1:])
        for d, i, j in product(range(layer.output_dim), range(side), range(side)):
            rows = sensitive_span(i, top, bottom, side, scale, image.shape[2])
            columns = sensitive_span(j, left, right, side, scale, image.shape[3])
            window = image[int(roi[0]), (d * side + i) * side + j, rows, columns]
            result[number, d, i, j] = window.mean() if window.size else 0
    return result


def sensitive_span(
    number: int, start: int, end: int, count: int, scale: np.float32, size: int
) -> slice:
    first, last = np.float32(start) * scale, np.float32(end + 1) * scale
    length = max(last - first, np.float32(0.1)) / np.float32(count)
    low = min(max(int(np.floor(np.float32(number) * length + first)), 0), size)
    high = min(max(int(np.ceil(np.float32(number + 1) * length + first)), 0), size)
    return slice(low, max(low, high))


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.0625])
@pytest.mark.parametrize("side", [1, 2, 3])
def test_position_sensitive_pooling(side: int, scale: float) -> None:
    layer = PSROIPooling(output_dim=2, group_size=side, spatial_scale=scale)
    random = np.random.default_rng(side)
    image = random.standard_normal((BATCH, 2 * side**2, ROWS, COLUMNS)).astype(np.float32)
    rois = np.array(EDGES, np.float32)
    rois[:, 1:] /= np.float32(scale)
    graph = layer_graph(layer, (N, 2 * side**2, H, W), (R, 5))
    expected = position_sensitive(layer, image, rois)
    found = to_torch(graph)(torch.from_numpy(image), torch.from_numpy(rois)).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    for opset in OPSETS:
        (found,) = run(checked_model(graph, opset=opset), image, rois)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5, err_msg=str(opset))


@pytest.mark.parametrize("extents", [(H, W), (ROWS, COLUMNS)])
def test_position_sensitive_pooling_of_no_regions(extents: tuple[Size, Size]) -> None:
    """As Proposal gives where it finds none."""
    layer = PSROIPooling(output_dim=2, group_size=3, spatial_scale=1.0)
    graph = layer_graph(layer, (N, 18, *extents), (R, 5))
    image, none = values_for((BATCH, 18, ROWS, COLUMNS)), np.zeros((0, 5), np.float32)
    assert to_torch(graph)(torch.from_numpy(image), torch.from_numpy(none)).shape == (0, 2, 3, 3)
    for opset in OPSETS:
        (found,) = run(checked_model(graph, opset=opset), image, none)
        assert found.shape == (0, 2, 3, 3)


def test_position_sensitive_pooling_needs_a_channel_for_each_window() -> None:
    layer = PSROIPooling(output_dim=2, group_size=3, spatial_scale=1.0)
    mistake = refusal(layer, (N, 8, 8, 8), (R, 5))
    assert mistake.message == (
        "PSROIPooling needs 18 channels, output_dim·group_size², but reads N×8×8×8"
    )


quarters = st.integers(-20, 60).map(lambda number: number / 4)
regions = st.lists(
    st.tuples(st.integers(0, BATCH - 1), quarters, quarters, quarters, quarters), max_size=4
)


@settings(max_examples=40, deadline=None)
@given(regions, st.integers(1, 5), st.integers(1, 5), st.integers(0, 3))
def test_any_regions(given: list[tuple[float, ...]], rows: int, columns: int, ratio: int) -> None:
    rois = np.array(given, np.float32).reshape(-1, 5)
    pooling = ROIPooling(pooled_h=rows, pooled_w=columns, spatial_scale=0.5)
    check(pooling, rois, roi_pooled(pooling, rois))
    align = ROIAlign(pooled_h=rows, pooled_w=columns, spatial_scale=0.5, sampling_ratio=ratio)
    check(align, rois, roi_aligned(align, rois))


LAYERS: list[RegionLayer] = [
    ROIPooling(pooled_h=2, pooled_w=3),
    ROIAlign(pooled_h=2, pooled_w=3),
    ROIAlign(pooled_h=2, pooled_w=3, sampling_ratio=2),
]


@pytest.mark.parametrize("layer", LAYERS)
def test_gradients(layer: RegionLayer) -> None:
    model = to_torch(region_graph(layer)).double()
    x = torch.from_numpy(IMAGE).double().requires_grad_()
    rois = torch.tensor(EDGES, dtype=torch.float64)
    torch.autograd.gradcheck(lambda image: model(image, rois), x)


@pytest.mark.parametrize("layer", LAYERS)
def test_source(layer: RegionLayer) -> None:
    source = to_source(region_graph(layer, known=True))
    check_text(source)
    assert "import torchvision" not in source
    name = "roi_pool" if isinstance(layer, ROIPooling) else "roi_align"
    assert f"return {name}(in0, in1, (2, 3), 1.0" in source


def test_shape_and_cost() -> None:
    pooling, align, by_size = (
        ROIPooling(pooled_h=7, pooled_w=6),
        ROIAlign(pooled_h=7, pooled_w=6, sampling_ratio=2),
        ROIAlign(pooled_h=7, pooled_w=6),
    )
    shapes = [(N, 4, 20, 30), (10, 5)]
    (top,) = pooling.outputs(types(*shapes))
    assert str(top) == "10×4×7×6"
    assert flops(pooling, *shapes) == 10 * 4 * 20 * 30
    assert flops(align, *shapes) == 10 * 4 * 7 * 6 * (2 * 2) * 8
    assert flops(by_size, *shapes) == 10 * 4 * 7 * 6 * (3 * 5) * 8
    assert str(align.outputs(types((N, 4, H, W), (R, 5)))[0]) == "R×4×7×6"


def test_regions_of_another_shape() -> None:
    mistake = refusal(ROIPooling(pooled_h=2, pooled_w=2), (N, 3, 8, 8), (R, 4))
    assert (mistake.code, mistake.bottom) == ("shape-mismatch", 1)
    assert mistake.message == "ROIPooling needs regions R×5 as its second bottom, but reads R×4"
    assert mistake.help == "a region is [index in the batch, x1, y1, x2, y2]"
    mistake = refusal(ROIAlign(pooled_h=2, pooled_w=2), (N, 3, 8), (R, 5))
    assert (mistake.code, mistake.bottom) == ("shape-mismatch", 0)
