"""Rectifiers."""

import pytest
import torch.nn.functional as F

from netspec.graph import Size
from netspec.graph.fillers import Filler
from netspec.layers import Layer
from netspec.layers.activation import ELU, SELU, PReLU, ReLU, ReLU6
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N, W
from tests.layers.layer_checks import (
    Reference,
    check_gradients,
    check_numbers,
    flops,
    held,
    layer_graph,
    refusal,
)

IMAGE: tuple[Size, ...] = (N, 3, H, W)
CASES: dict[str, tuple[Layer, tuple[Size, ...], Reference]] = {
    "relu": (ReLU(), IMAGE, F.relu),
    "relu-slope": (ReLU(negative_slope=0.1), (N, 3), lambda x: F.leaky_relu(x, 0.1)),
    "relu6": (ReLU6(), IMAGE, lambda x: x.clamp(0, 6)),
    "prelu": (PReLU(), IMAGE, F.prelu),
    "prelu-matrix": (PReLU(), (N, 3), F.prelu),
    "prelu-shared": (PReLU(channel_shared=True), IMAGE, F.prelu),
    "prelu-shared-open": (
        PReLU(channel_shared=True),
        (N, H, W),
        lambda x, weight: x.clamp(min=0) + weight * x.clamp(max=0),
    ),
    "elu": (ELU(), IMAGE, F.elu),
    "elu-alpha": (ELU(alpha=0.3), (N,), lambda x: F.elu(x, 0.3)),
    "selu": (SELU(), IMAGE, F.selu),
}


@pytest.mark.parametrize("case", CASES)
def test_numbers(case: str) -> None:
    layer, shape, reference = CASES[case]
    check_numbers(layer, [shape], reference)


@pytest.mark.parametrize("case", CASES)
def test_gradients(case: str) -> None:
    layer, shape, _ = CASES[case]
    check_gradients(layer, shape)


def test_slopes() -> None:
    assert held(PReLU(), (N, 3, 4, 4)) == {"weight": (3,)}
    assert held(PReLU(channel_shared=True), (N, 3, 4, 4)) == {"weight": (1,)}


@pytest.mark.parametrize(
    ("layer", "text", "value"),
    [
        (PReLU(), "nn.PReLU(3)", 0.25),
        (PReLU(channel_shared=True, filler=Filler(value=0.5)), "nn.PReLU(init=0.5)", 0.5),
        (PReLU(filler=Filler(type="uniform", min=0.1, max=0.1)), "nn.PReLU(3)", 0.1),
    ],
)
def test_fresh_slopes(layer: Layer, text: str, value: float) -> None:
    graph = layer_graph(layer, (N, 3, 4, 4))
    assert text in to_source(graph)
    assert to_torch(graph).get_parameter("here.weight").tolist() == pytest.approx(
        [value] * graph.params
    )


@pytest.mark.parametrize(
    ("layer", "count"),
    [
        (ReLU(), 1),
        (ReLU(negative_slope=0.1), 2),
        (ReLU6(), 2),
        (PReLU(), 2),
        (ELU(), 4),
        (SELU(), 5),
    ],
)
def test_flops(layer: Layer, count: int) -> None:
    assert flops(layer, (N, 3, 4, 5)) == count * 60


def test_refusals() -> None:
    error = refusal(PReLU(), (N,))
    assert error.message == "PReLU needs a bottom of two axes or more, N×C×…, but reads N"
    assert (error.code, error.bottom) == ("shape-mismatch", 0)
    error = refusal(PReLU(), (N, H, W))
    assert error.message == "PReLU needs to know the number of channels, which is H here"
    error = refusal(ReLU(), (N, 3), dtype="int64")
    assert error.message == "ReLU computes with real numbers, but {0} holds int64"
    error = refusal(PReLU(filler=Filler(type="bilinear")))
    assert (error.code, error.field) == ("bad-value", "filler")
