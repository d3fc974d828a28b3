"""UnitNorm against PyTorch's normalize."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from netspec.graph import Size
from netspec.layers.unit_norm import UnitNorm
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N, W
from tests.layers.layer_checks import (
    check_gradients,
    check_numbers,
    flops,
    held,
    layer_graph,
    refusal,
)
from tests.lower.onnx.checks import NEWEST, checked_model, run

CASES: dict[str, tuple[UnitNorm, tuple[Size, ...], dict[str, Any], str]] = {
    "channels": (UnitNorm(), (N, 5, H, W), {}, "F.normalize(in0)"),
    "last": (UnitNorm(axis=-1), (N, H, 6), {"dim": -1}, "F.normalize(in0, dim=-1)"),
    "long": (
        UnitNorm(axis=2, eps=1.5),
        (N, 3, H),
        {"dim": 2, "eps": 1.5},
        "F.normalize(in0, dim=2, eps=1.5)",
    ),
    "sample": (UnitNorm(axis=0), (4, 6), {"dim": 0}, "F.normalize(in0, dim=0)"),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    layer, shape, arguments, text = CASES[name]
    check_numbers(
        layer, [shape], lambda x: F.normalize(x, **arguments), opsets=[13, 18, 20, NEWEST]
    )
    check_gradients(layer, shape)
    assert text in to_source(layer_graph(layer, shape))


def test_zeros_stay_zeros() -> None:
    graph = layer_graph(UnitNorm(), (N, 3, 4))
    zeros = torch.zeros(2, 3, 4)
    assert (to_torch(graph)(zeros) == 0).all()
    (found,) = run(checked_model(graph), zeros.numpy())
    assert (found == 0).all()
    check_gradients(UnitNorm(), (N, 3, 4), inputs=[zeros])


def test_costs() -> None:
    assert held(UnitNorm(), (N, 3, 6)) == {}
    assert flops(UnitNorm(axis=-1), (N, 3, 6)) == 3 * 18 + 3


def test_refusals() -> None:
    error = refusal(UnitNorm(axis=3), (N, 3, 6))
    assert (error.code, error.field) == ("bad-axis", "axis")
    assert error.message == "UnitNorm's `axis` is 3, but its bottom N×3×6 has 3 axes"
