"""Smooth functions of each element, and those made to resemble them."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from netspec.graph import Size
from netspec.layers import Layer
from netspec.layers.sigmoids import (
    BNLL,
    GELU,
    HardSigmoid,
    HardSwish,
    Mish,
    Sigmoid,
    Softplus,
    Swish,
    TanH,
)
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N, W, chain
from tests.layers.layer_checks import (
    Reference,
    check_gradients,
    check_numbers,
    flops,
    layer_graph,
)
from tests.lower.onnx.checks import OPSETS, checked_model, run
from tests.lower.torch.checks import checked_source

IMAGE: tuple[Size, ...] = (N, 3, H, W)
CASES: dict[str, tuple[Layer, str, Reference, int]] = {
    "sigmoid": (Sigmoid(), "nn.Sigmoid()", lambda x: 1 / (1 + (-x).exp()), 4),
    "tanh": (TanH(), "nn.Tanh()", torch.tanh, 1),
    "hard-sigmoid": (HardSigmoid(), "nn.Hardsigmoid()", lambda x: (x / 6 + 0.5).clamp(0, 1), 4),
    "hard-swish": (HardSwish(), "nn.Hardswish()", lambda x: x * (x / 6 + 0.5).clamp(0, 1), 5),
    "swish": (Swish(), "nn.SiLU()", lambda x: x * torch.sigmoid(x), 5),
    "swish-beta": (Swish(beta=1.7), "SteepSwish(1.7)", lambda x: x * torch.sigmoid(1.7 * x), 6),
    "mish": (Mish(), "nn.Mish()", lambda x: x * torch.tanh((1 + x.exp()).log()), 5),
    "gelu": (GELU(), "nn.GELU()", lambda x: x * (1 + torch.erf(x / 2**0.5)) / 2, 5),
    "gelu-tanh": (
        GELU(approximate="TANH"),
        'nn.GELU(approximate="tanh")',
        lambda x: F.gelu(x, approximate="tanh"),
        9,
    ),
    "softplus": (Softplus(), "nn.Softplus()", lambda x: (1 + x.exp()).log(), 3),
    "bnll": (BNLL(), "nn.Softplus()", lambda x: (1 + x.exp()).log(), 3),
}


@pytest.mark.parametrize("case", CASES)
def test_numbers(case: str) -> None:
    layer, text, reference, count = CASES[case]
    check_numbers(layer, [IMAGE], reference)
    check_gradients(layer, IMAGE)
    assert text in to_source(layer_graph(layer, IMAGE))
    assert flops(layer, (N, 3, 4, 5)) == count * 60


@pytest.mark.parametrize("case", CASES)
def test_far_from_zero(case: str) -> None:
    """Where exponentials overflow: no runtime may give a value that is no number."""
    layer, _, _, _ = CASES[case]
    x = np.array([[-100, -30, -20.5, 20.5, 30, 100]], np.float32)
    graph = layer_graph(layer, (N, 6))
    expected = to_torch(graph)(torch.from_numpy(x)).detach().numpy()
    assert np.isfinite(expected).all()
    for opset in OPSETS:
        (actual,) = run(checked_model(graph, opset=opset), x)
        np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


def test_in_a_sequential() -> None:
    graph = chain((N, 3), *(layer for layer, *_ in CASES.values()))
    checked_source(graph)


def test_the_approximation_is_read_in_any_case() -> None:
    assert GELU.model_validate({"approximate": "tanh"}).approximate == "TANH"
