"""Pooling against a loop over windows, written from Caffe's rule, and against PyTorch."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional

from netspec.graph import Size
from netspec.layers.convolution import Convolution
from netspec.layers.pooling import Pooling, PoolingMethod
from netspec.lower.weights import fresh
from tests.graphs import Builder, H, N, W, chain
from tests.lower.onnx.checks import NEWEST, OPSETS, Float, assert_close, checked_model, image, run

METHODS: tuple[PoolingMethod, ...] = ("MAX", "AVE")


def naive_pooling(values: Float, layer: Pooling) -> Float:
    """One window after the other; a window's maximum and sum see real elements alone."""
    spans = [
        axis_windows(size, kernel, stride, pad, layer.round_mode == "CEIL")
        for size, kernel, stride, pad in zip(values.shape[2:], *layer.along(2), strict=True)
    ]
    result = np.empty((*values.shape[:2], len(spans[0]), len(spans[1])), np.float32)
    for i, rows in enumerate(spans[0]):
        for j, columns in enumerate(spans[1]):
            window = values[:, :, rows[0] : rows[1], columns[0] : columns[1]]
            if layer.pool == "MAX":
                result[:, :, i, j] = window.max(axis=(2, 3))
            else:
                padded = rows[2] * columns[2]
                real = window.shape[2] * window.shape[3]
                count = padded if layer.count_include_pad else real
                result[:, :, i, j] = window.sum(axis=(2, 3)) / count
    return result


def axis_windows(
    size: int, kernel: int, stride: int, pad: int, ceil: bool
) -> list[tuple[int, int, int]]:
    """Of each window the first and last (exclusive) real element, and its length in the padded
    image; Caffe's pooling_layer.cpp for one axis.
    """
    count = (size + 2 * pad - kernel) / stride
    windows = int(np.ceil(count) if ceil else np.floor(count)) + 1
    if ceil and (windows - 1) * stride >= size + pad:
        windows -= 1
    spans = []
    for number in range(windows):
        start = number * stride - pad
        end = min(start + kernel, size + pad)
        spans.append((max(start, 0), min(end, size), end - start))
    return spans


pairs = st.tuples(st.integers(1, 5), st.integers(1, 5))


@st.composite
def poolings(draw: st.DrawFn) -> Pooling:
    kernel = draw(pairs)
    return Pooling(
        pool=draw(st.sampled_from(METHODS)),
        kernel_size=kernel,
        stride=draw(pairs),
        pad=(draw(st.integers(0, kernel[0] - 1)), draw(st.integers(0, kernel[1] - 1))),
        round_mode=draw(st.sampled_from(["FLOOR", "CEIL"])),
        count_include_pad=draw(st.booleans()),
    )


@settings(max_examples=250, deadline=None)
@given(poolings(), st.tuples(st.integers(1, 9), st.integers(1, 9)), st.booleans(), st.data())
def test_windows(layer: Pooling, size: tuple[int, int], known: bool, data: st.DataObject) -> None:
    kernels, _, pads = layer.along(2)
    for extent, kernel, pad in zip(size, kernels, pads, strict=True):
        assume(extent + 2 * pad >= kernel)
    graph = chain((N, 2, *size) if known else (N, 2, H, W), layer)
    model = checked_model(graph, opset=data.draw(st.sampled_from(OPSETS)))

    values = image(3, 2, *size)
    (actual,) = run(model, values)

    assert_close(actual, naive_pooling(values, layer))
    if all(2 * pad <= kernel for pad, kernel in zip(pads, kernels, strict=True)):
        assert_close(actual, torch_pooling(values, layer))


def torch_pooling(values: Float, layer: Pooling) -> Float:
    arguments: dict[str, Any] = {
        "kernel_size": layer.kernel_size,
        "stride": layer.stride,
        "padding": layer.pad,
        "ceil_mode": layer.round_mode == "CEIL",
    }
    tensor = torch.from_numpy(values)
    if layer.pool == "MAX":
        return np.asarray(functional.max_pool2d(tensor, **arguments))
    include = layer.count_include_pad
    return functional.avg_pool2d(tensor, **arguments, count_include_pad=include).numpy()


@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("known", [True, False], ids=["known", "symbolic"])
@pytest.mark.parametrize("include", [True, False], ids=["with-pad", "without-pad"])
def test_ceil_average_divides_by_the_window_within_the_padded_image(
    opset: int, known: bool, include: bool
) -> None:
    layer = Pooling(
        pool="AVE",
        kernel_size=(3, 3),
        stride=(2, 2),
        pad=(1, 1),
        round_mode="CEIL",
        count_include_pad=include,
    )
    model = checked_model(chain((N, 1, 4, 4) if known else (N, 1, H, W), layer), opset=opset)
    (actual,) = run(model, np.ones((1, 1, 4, 4), np.float32))
    # Along an axis the windows hold 2, 3 and 1 real elements of 3, 3 and 2 in the padded image.
    share = np.array([2 / 3, 1, 1 / 2], np.float32)
    expected = np.outer(share, share) if include else np.ones((3, 3), np.float32)
    assert_close(actual[0, 0], expected)


@pytest.mark.parametrize("known", [True, False], ids=["known", "symbolic"])
@pytest.mark.parametrize("pool", METHODS)
def test_between_convolutions(pool: PoolingMethod, known: bool) -> None:
    # There ONNX Runtime computes with blocks of channels, by other code.
    builder = Builder()
    size: tuple[Size, Size] = (10, 13) if known else (H, W)
    convolution = Convolution(num_output=32, kernel_size=(1, 1))
    layer = Pooling(pool=pool, kernel_size=(3, 3), stride=(2, 2), pad=(1, 1), round_mode="CEIL")
    before = builder.layer("before", convolution, builder.input("data", N, 32, *size))
    pooled = builder.layer("pool", layer, before)
    after = builder.layer("after", convolution, pooled)

    bottom, top = run(checked_model(builder.graph(before, pooled)), image(2, 32, 10, 13))
    assert_close(top, naive_pooling(bottom, layer))
    (result,) = run(checked_model(builder.graph(after)), image(2, 32, 10, 13))
    weight = fresh(builder.graph(after))["after.weight"][:, :, 0, 0]
    expected = np.einsum("oc,nchw->nohw", weight, top)
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)


def test_a_known_image_gets_no_needless_padding() -> None:
    layer = Pooling(kernel_size=(3, 3), stride=(2, 2), round_mode="CEIL")
    (node,) = checked_model(chain((N, 2, 55, 55), layer)).graph.node
    attributes = {attribute.name: list(attribute.ints) for attribute in node.attribute}
    assert attributes["pads"] == [0, 0, 0, 0]


@pytest.mark.parametrize("pool", METHODS)
@pytest.mark.parametrize("opset", [13, 20, NEWEST])
def test_global(pool: PoolingMethod, opset: int) -> None:
    model = checked_model(chain((N, 2, H, W), Pooling(pool=pool, global_pooling=True)), opset=opset)
    values = image(2, 2, 5, 7)
    (actual,) = run(model, values)
    reduce = np.max if pool == "MAX" else np.mean
    assert_close(actual, reduce(values, axis=(2, 3), keepdims=True))
