"""SPP: its numbers as Caffe's own poolings give them, its cost, and what it refuses."""

from functools import partial

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from netspec.diagnostics import SpecError
from netspec.layers.pooling import Pooling
from netspec.layers.spp import SPP, PyramidMethod, pyramid_windows
from netspec.lower.onnx.model import to_model
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N, W
from tests.layers.layer_checks import (
    check_gradients,
    check_numbers,
    flops,
    layer_graph,
    refusal,
    types,
)
from tests.layers.pooling_reference import pooled
from tests.lower.onnx.checks import OPSETS


def levels(layer: SPP, x: Tensor) -> Tensor:
    """Caffe's spp_layer.cpp: a Pooling, rounded up, and a Flatten a level, then a Concat."""
    found = []
    for level in range(layer.pyramid_height):
        count = 2**level
        kernel = [-(-size // count) for size in x.shape[2:]]
        pad = [(k * count - size + 1) // 2 for k, size in zip(kernel, x.shape[2:], strict=True)]
        window = (kernel[0], kernel[1])
        pooling = Pooling(
            pool=layer.pool,
            kernel_size=window,
            stride=window,
            pad=(pad[0], pad[1]),
            round_mode="CEIL",
        )
        found.append(pooled(pooling, x).flatten(1))
    return torch.cat(found, 1)


METHODS: tuple[PyramidMethod, ...] = ("MAX", "AVE")


@pytest.mark.parametrize("pool", METHODS)
@pytest.mark.parametrize("shape", [(N, 3, 13, 7), (2, 2, 4, 8), (N, 1, 5, 6)])
def test_every_opset(pool: PyramidMethod, shape: tuple[int, ...]) -> None:
    height = 3 if shape[2] == 4 else 2
    layer = SPP(pyramid_height=height, pool=pool)
    check_numbers(layer, [shape], partial(levels, layer))


def fits(size: int, height: int) -> bool:
    windows = (pyramid_windows(size, level) for level in range(height))
    return all(before < window for window, before, _ in windows)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(METHODS),
    st.integers(1, 4),
    st.integers(1, 20),
    st.integers(1, 20),
    st.sampled_from(OPSETS),
)
def test_numbers(pool: PyramidMethod, top: int, rows: int, columns: int, opset: int) -> None:
    assume(fits(rows, top) and fits(columns, top))
    layer = SPP(pyramid_height=top, pool=pool)
    check_numbers(layer, [(2, 2, rows, columns)], partial(levels, layer), opsets=[opset])


def test_gradients() -> None:
    check_gradients(SPP(pyramid_height=2), (2, 3, 6, 5))


def test_shape_and_cost() -> None:
    layer = SPP(pyramid_height=3)
    (top,) = layer.outputs(types((N, 5, 13, 13)))
    assert str(top) == "N×105"
    assert flops(layer, (N, 5, 13, 13)) == 5 * (13 * 13 - 1 + 4 * (7 * 7 - 1) + 16 * (4 * 4 - 1))
    average = SPP(pyramid_height=3, pool="AVE")
    assert flops(average, (N, 5, 13, 13)) == 5 * (13 * 13 + 4 * 7 * 7 + 16 * 4 * 4)


def test_symbolic_images() -> None:
    layer = SPP(pyramid_height=2)
    graph = layer_graph(layer, (N, 5, H, W))
    assert str(graph.results[0].type) == "N×25"
    assert "self.here = SpatialPyramidPooling(2)" in to_source(graph)
    x = torch.randn(2, 5, 9, 7)
    torch.testing.assert_close(to_torch(graph)(x).double(), levels(layer, x))
    with pytest.raises(SpecError) as caught:
        to_model(graph)
    assert caught.value.diagnostics[0].message == (
        "ONNX's windows are of a known size, but those of SPP depend on the bottom's, which is H×W"
    )


def test_too_many_levels() -> None:
    mistake = refusal(SPP(pyramid_height=4), (N, 3, 16, 9))
    assert (mistake.code, mistake.field) == ("bad-value", "pyramid_height")
    assert mistake.message == (
        "level 3 of the pyramid has 8 windows along 9 elements: some would lie wholly in padding"
    )
    assert mistake.help == "a height of 3 is the most for this bottom"
