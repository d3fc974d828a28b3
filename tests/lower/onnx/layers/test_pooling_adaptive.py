"""`output_size` against PyTorch's adaptive pooling."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from netspec.diagnostics import SpecError
from netspec.graph import Size
from netspec.layers.pooling import Pooling, PoolingMethod
from tests.graphs import H, N, W, chain
from tests.lower.onnx.checks import OPSETS, Float, assert_close, checked_model, image, run

METHODS: tuple[PoolingMethod, ...] = ("MAX", "AVE")
sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))


def torch_adaptive(values: Float, layer: Pooling) -> Float:
    assert isinstance(layer.output_size, tuple)
    tensor = torch.from_numpy(values)
    if layer.pool == "MAX":
        return functional.adaptive_max_pool2d(tensor, layer.output_size).numpy()
    height, width = layer.output_size
    return functional.adaptive_avg_pool2d(tensor, (height, width)).numpy()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(METHODS), sizes, sizes, st.sampled_from(OPSETS))
def test_windows(
    pool: PoolingMethod, output: tuple[int, int], size: tuple[int, int], opset: int
) -> None:
    layer = Pooling(pool=pool, output_size=output)
    values = image(2, 3, *size)
    (actual,) = run(checked_model(chain((N, 3, *size), layer), opset=opset), values)
    assert_close(actual, torch_adaptive(values, layer))


@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("pool", METHODS)
@pytest.mark.parametrize(
    ("shape", "output"),
    [((H, W), (1, 1)), ((H, 6), (1, 3)), ((H, 8), (1, 3)), ((8, W), (3, 1))],
    ids=str,
)
def test_one_window_of_an_unknown_size(
    opset: int, pool: PoolingMethod, shape: tuple[Size, Size], output: tuple[int, int]
) -> None:
    layer = Pooling(pool=pool, output_size=output)
    model = checked_model(chain((N, 3, *shape), layer), opset=opset)
    values = image(2, 3, *(size if isinstance(size, int) else 5 for size in shape))
    (actual,) = run(model, values)
    assert_close(actual, torch_adaptive(values, layer))


@pytest.mark.parametrize(
    ("size", "output", "operators"),
    [
        ((6, 6), (6, 6), ["AveragePool"]),
        ((13, 14), (6, 7), ["AveragePool"]),  # windows of 3 that overlap by 1, and of 2
        ((9, 9), (1, 1), ["GlobalAveragePool"]),
        ((1, 1), (3, 3), ["Gather", "Gather"]),
        ((8, 6), (3, 3), ["AveragePool", "AveragePool", "AveragePool", "Concat", "Gather"]),
    ],
)
def test_operators(size: tuple[int, int], output: tuple[int, int], operators: list[str]) -> None:
    model = checked_model(chain((N, 3, *size), Pooling(pool="AVE", output_size=output)))
    assert [node.op_type for node in model.graph.node] == operators


def test_windows_of_an_unknown_size_are_refused() -> None:
    graph = chain((N, 3, H, 7), Pooling(pool="AVE", output_size=(2, 7)))
    with pytest.raises(SpecError, match=r"windows must be known, but the bottom's height is H"):
        checked_model(graph)
