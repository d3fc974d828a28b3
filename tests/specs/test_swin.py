"""Swin Transformers: torchvision's keys, values, costs and gradients."""

from types import ModuleType

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import netspec
from netspec.lower.weights import fresh
from tests.lower.onnx.checks import checked_model, run
from tests.specs.measuring import stock

PARAMETERS = {"swin_t": 28_288_354, "swin_s": 49_606_258, "swin_b": 87_768_224}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_and_costs(models: ModuleType, name: str) -> None:
    network = stock(name)
    assert network.params == PARAMETERS[name]
    with torch.device("meta"):
        theirs = models.get_model(name).eval()
        data = torch.empty(1, 3, 224, 224)
    state = {key: tuple(each.shape) for key, each in theirs.state_dict().items()}
    assert [(each.name, each.shape) for each in network.parameters] == list(state.items())
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        theirs(data)
    assert counter.get_total_flops() == 2 * network.macs


@pytest.fixture(scope="module")
def pair(models: ModuleType) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's, with its weights, and without stochastic depth."""
    torch.manual_seed(0)
    ours = netspec.load("swin_t", drop_ratio=0.0).to_torch()
    theirs = models.get_model("swin_t")
    for module in theirs.modules():
        if type(module).__name__ == "StochasticDepth":
            module.p = 0.0
    given = ours.state_dict()
    for key, value in theirs.state_dict().items():
        if key.endswith("relative_position_index"):
            assert torch.equal(given[key], value)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    return ours, theirs


def test_results_are_equal(pair: tuple[nn.Module, nn.Module]) -> None:
    x = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        found, expected = (model.eval()(x) for model in pair)
    torch.testing.assert_close(found, expected, rtol=0, atol=2e-6)


@pytest.mark.slow
def test_a_training_step_is_the_same(pair: tuple[nn.Module, nn.Module]) -> None:
    found, expected = (_gradients(model) for model in pair)
    for key, value in expected.items():
        scale = value.abs().max().item()
        torch.testing.assert_close(found[key], value, rtol=1e-9, atol=1e-9 * scale, msg=key)


def _gradients(model: nn.Module) -> dict[str, Tensor]:
    random = torch.Generator().manual_seed(1)
    images = torch.rand(2, 3, 224, 224, dtype=torch.float64, generator=random)
    model.double().train().zero_grad()
    F.cross_entropy(model(images), torch.tensor([3, 900])).backward()
    found = {name: each.grad for name, each in model.named_parameters()}
    model.float()
    return {name: each.clone() for name, each in found.items() if each is not None}


@pytest.mark.slow
@pytest.mark.parametrize("opset", [13, 20])
def test_onnx(opset: int) -> None:
    graph = stock("swin_t")
    weights = fresh(graph, 1)
    x = np.random.default_rng(0).standard_normal((1, 3, 224, 224), np.float32)
    (found,) = run(checked_model(graph, weights, opset), x)
    with torch.no_grad():
        expected = graph.to_torch(seed=1).eval()(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found, expected, atol=2e-5 * np.abs(expected).max())
