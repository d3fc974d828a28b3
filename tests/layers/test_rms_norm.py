"""RMSNorm against its formula and PyTorch's rms_norm."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from netspec.graph import Size
from netspec.layers.rms_norm import RMSNorm
from netspec.lower.onnx.options import Options
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

Sizes = tuple[Size, ...]
SOME_OPSETS = [13, 17, 18, 22, 23, NEWEST]

CASES: dict[str, tuple[RMSNorm, Sizes, tuple[int, ...]]] = {
    "last": (RMSNorm(eps=0.1), (N, H, 6), (2,)),
    "without": (RMSNorm(affine=False), (N, H, 6), (2,)),
    "channels": (RMSNorm(axis=1), (N, 5, H, W), (1,)),
    "channels-without": (RMSNorm(axis=1, affine=False), (N, 5, H, W), (1,)),
    "two": (RMSNorm(axis=[-1, 1]), (N, 5, H, 3), (1, 3)),
    "sample": (RMSNorm(axis=[1, 2]), (N, 5, 3), (1, 2)),
    "vector": (RMSNorm(eps=1e-6), (N, 6), (1,)),
}


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    layer, shape, axes = CASES[name]

    def reference(x: Tensor, weight: Tensor | None = None) -> Tensor:
        y = x / (x.square().mean(axes, keepdim=True) + layer.eps).sqrt()
        sizes = [size if axis in axes else 1 for axis, size in enumerate(x.shape)]
        return y if weight is None else y * weight.view(sizes)

    check_numbers(layer, [shape], reference, opsets=SOME_OPSETS)
    check_gradients(layer, shape)


def test_like_pytorchs() -> None:
    x = torch.randn(2, 5, 6).double()
    model = to_torch(layer_graph(RMSNorm(eps=1.1920929e-07), (N, H, 6))).double()
    torch.testing.assert_close(model(x), F.rms_norm(x, [6], eps=1.1920929e-07))
    assert list(model.state_dict()) == ["here.weight"]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_small_and_large_values_of_half_precision(dtype: str) -> None:
    """Squares and eps are out of float16's range, what they give isn't."""
    graph = layer_graph(RMSNorm(eps=1e-8), (N, 4, 64))
    x = torch.randn(2, 4, 64) * torch.tensor([1e-3, 1.0, 1e3, 1e4])[:, None]
    expected = to_torch(graph)(x).detach().numpy()
    for opset in SOME_OPSETS:
        model = checked_model(graph, options=Options(opset=opset, dtype=dtype))
        if dtype == "float16":
            (found,) = run(model, x.numpy().astype(np.float16))
            np.testing.assert_allclose(found, expected, rtol=5e-3, atol=5e-3)


def test_operators() -> None:
    def operators(layer: RMSNorm, opset: int) -> list[str]:
        model = checked_model(layer_graph(layer, (N, 3, 6)), opset=opset)
        return [node.op_type for node in model.graph.node]

    assert operators(RMSNorm(), 23) == ["RMSNormalization"]
    assert operators(RMSNorm(affine=False), 23) == ["RMSNormalization"]
    assert "RMSNormalization" not in operators(RMSNorm(), 22) + operators(RMSNorm(axis=1), 23)


def test_emitted() -> None:
    def source(layer: RMSNorm) -> str:
        return to_source(layer_graph(layer, (N, 3, 6)))

    assert "self.here = nn.RMSNorm(6, eps=1e-05)" in source(RMSNorm())
    assert "nn.RMSNorm((3, 6), eps=0.1)" in source(RMSNorm(axis=[1, 2], eps=0.1))
    assert "AxisRMSNorm((3,), (1,), eps=1e-05)" in source(RMSNorm(axis=1))
    assert "elementwise_affine=False" in source(RMSNorm(affine=False))


def test_costs() -> None:
    assert held(RMSNorm(axis=[1, 2]), (N, 3, 6)) == {"weight": (3, 6)}
    assert held(RMSNorm(affine=False), (N, 3, 6)) == {}
    assert flops(RMSNorm(), (N, 3, 6)) == 4 * 18 + 2 * 3
    assert flops(RMSNorm(affine=False), (N, 3, 6)) == 3 * 18 + 2 * 3


def test_refusals() -> None:
    assert refusal(RMSNorm(), (N, 3, H)).code == "unknown-size"
    error = refusal(RMSNorm(axis=[1, -2]), (N, 3, 6))
    assert (error.code, error.field) == ("bad-axis", "axis")
    assert error.message == "RMSNorm's `axis` names an axis twice"
    assert refusal(RMSNorm(axis=3), (N, 3, 6)).message == (
        "RMSNorm's `axis` is 3, but its bottom N×3×6 has 3 axes"
    )
