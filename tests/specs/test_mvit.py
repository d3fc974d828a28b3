"""MViT for clips: torchvision's keys, values, costs and gradients."""

from types import ModuleType
from typing import Any
from unittest.mock import patch

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

NAME = "mvit_v1_b"
FULL = (16, 224)
SMALL = (4, 64)
"""Frames and image: the quick tests' keeps whole places wherever the network halves."""
SIZES = [SMALL, pytest.param(FULL, marks=pytest.mark.slow)]


def theirs_of(models: ModuleType, frames: int, image: int) -> nn.Module:
    """torchvision's network for clips of this size, which its constructor keeps to itself."""
    module = models.video.mvit
    with patch.object(module, "_mvit", lambda **settings: settings):
        settings = getattr(module, NAME)()
    settings |= {"temporal_size": frames, "spatial_size": (image, image)}
    model = module._mvit(**settings)
    assert isinstance(model, nn.Module)
    return model


def test_parameters_and_costs(models: ModuleType) -> None:
    network = stock(NAME)
    with torch.device("meta"):
        theirs = theirs_of(models, *FULL).eval()
        clip = torch.empty(1, 3, 16, 224, 224)
    state = {key: tuple(each.shape) for key, each in theirs.state_dict().items()}
    assert [(each.name, each.shape) for each in network.parameters] == list(state.items())
    assert network.params == models.get_model_weights(NAME).DEFAULT.meta["num_params"]
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        theirs(clip)
    assert counter.get_total_flops() == 2 * network.macs


def both(models: ModuleType, frames: int, image: int) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's in double precision, with the same weights, without stochastic depth
    and dropout.
    """
    torch.manual_seed(0)
    ours = netspec.load(NAME, frames=frames, image=image, drop_ratio=0.0).to_torch().double()
    theirs = theirs_of(models, frames, image).double()
    modules: list[Any] = [*ours.modules(), *theirs.modules()]
    for module in modules:
        if isinstance(module, nn.Dropout) or type(module).__name__ == "StochasticDepth":
            module.p = 0.0
    with torch.no_grad():
        for value in theirs.state_dict().values():
            value.copy_(torch.randn_like(value) * (0.05 if value.dim() > 1 else 0.5))
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    return ours, theirs


def clips(batch: int, frames: int, image: int) -> Tensor:
    random = torch.Generator().manual_seed(1)
    return torch.rand(batch, 3, frames, image, image, dtype=torch.float64, generator=random)


@pytest.mark.parametrize("size", SIZES)
def test_results_are_equal(models: ModuleType, size: tuple[int, int]) -> None:
    clip = clips(2, *size)
    with torch.no_grad():
        found, expected = (model.eval()(clip) for model in both(models, *size))
    assert expected.std(0).max() > 1e-4
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("size", SIZES)
def test_a_training_step_is_the_same(models: ModuleType, size: tuple[int, int]) -> None:
    clip, labels = clips(2, *size), torch.tensor([3, 200])
    results = []
    for model in both(models, *size):
        loss = F.cross_entropy(model.train()(clip), labels)
        loss.backward()
        results.append({name: each.grad for name, each in model.named_parameters()})
    found, expected = results
    assert list(found) == list(expected)
    largest = max(value.abs().max().item() for value in expected.values() if value is not None)
    for key, value in expected.items():
        assert value is not None
        scale = value.abs().max().item()
        if key.endswith("pool_k.norm_act.0.bias"):  # moves all of a query's scores alike: noise
            assert scale < 1e-12 * largest
            scale = largest
        torch.testing.assert_close(found[key], value, rtol=1e-9, atol=1e-9 * scale, msg=key)


@pytest.mark.parametrize("opset", [13, 20])
@pytest.mark.parametrize("size", SIZES)
def test_onnx(opset: int, size: tuple[int, int]) -> None:
    frames, image = size
    graph = netspec.load(NAME, frames=frames, image=image)
    clip = np.random.default_rng(0).standard_normal((2, 3, frames, image, image), np.float32)
    (found,) = run(checked_model(graph, fresh(graph, 1), opset), clip)
    with torch.no_grad():
        expected = graph.to_torch(seed=1).eval()(torch.from_numpy(clip)).numpy()
    np.testing.assert_allclose(found, expected, atol=2e-5 * np.abs(expected).max())
