"""MViT of both versions, for clips: torchvision's keys, values, costs and gradients."""

from functools import cache
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
from tests.lower.onnx.checks import NEWEST, checked_model, run
from tests.specs.measuring import stock

NAMES = ("mvit_v1_b", "mvit_v2_s")
FULL = (16, 224, 16)
SMALL = (4, 32, 4)
"""Frames, image and blocks: the quick tests' keeps whole places wherever the network halves."""
SIZES = [SMALL, pytest.param(FULL, marks=pytest.mark.slow)]
each = pytest.mark.parametrize("name", NAMES)


@cache
def network(name: str, frames: int, image: int, blocks: int) -> netspec.Graph:
    """The first blocks of a network, without stochastic depth, for clips of this size."""
    rows = stock(name).variables["blocks"][:blocks]
    return netspec.load(name, frames=frames, image=image, blocks=rows, drop_ratio=0.0)


def theirs_of(models: ModuleType, name: str, frames: int, image: int, blocks: int) -> nn.Module:
    """torchvision's, whose constructor keeps the size of clips to itself."""
    module = models.video.mvit
    with patch.object(module, "_mvit", lambda **settings: settings):
        settings = getattr(module, name)()
    settings |= {
        "temporal_size": frames,
        "spatial_size": (image, image),
        "block_setting": settings["block_setting"][:blocks],
    }
    model = module._mvit(**settings)
    assert isinstance(model, nn.Module)
    return model


@each
def test_parameters_and_costs(models: ModuleType, name: str) -> None:
    with torch.device("meta"):
        theirs = theirs_of(models, name, *FULL).eval()
        clip = torch.empty(1, 3, 16, 224, 224)
    state = {key: tuple(each.shape) for key, each in theirs.state_dict().items()}
    assert [(each.name, each.shape) for each in stock(name).parameters] == list(state.items())
    assert stock(name).params == models.get_model_weights(name).DEFAULT.meta["num_params"]
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        theirs(clip)
    assert counter.get_total_flops() == 2 * stock(name).macs


def both(models: ModuleType, name: str, size: tuple[int, int, int]) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's in double precision, with the same weights, without stochastic depth
    and dropout.
    """
    torch.manual_seed(0)
    ours = network(name, *size).to_torch().double()
    theirs = theirs_of(models, name, *size).double()
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


def clips(frames: int, image: int) -> Tensor:
    random = torch.Generator().manual_seed(1)
    return torch.rand(2, 3, frames, image, image, dtype=torch.float64, generator=random)


@each
@pytest.mark.parametrize("size", SIZES)
def test_results_are_equal(models: ModuleType, name: str, size: tuple[int, int, int]) -> None:
    clip = clips(*size[:2])
    with torch.no_grad():
        found, expected = (model.eval()(clip) for model in both(models, name, size))
    assert expected.std(0).max() > 1e-4
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-11)


@each
@pytest.mark.parametrize("size", SIZES)
def test_a_training_step_is_the_same(
    models: ModuleType, name: str, size: tuple[int, int, int]
) -> None:
    clip, labels = clips(*size[:2]), torch.tensor([3, 200])
    results = []
    for model in both(models, name, size):
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


@each
@pytest.mark.parametrize("opset", [13, 17, NEWEST])
@pytest.mark.parametrize("size", SIZES)
def test_onnx(name: str, opset: int, size: tuple[int, int, int]) -> None:
    graph = network(name, *size)
    clip = clips(*size[:2]).float().numpy()
    (found,) = run(checked_model(graph, fresh(graph, 1), opset), clip)
    with torch.no_grad():
        expected = graph.to_torch(seed=1).eval()(torch.from_numpy(clip)).numpy()
    np.testing.assert_allclose(found, expected, atol=2e-5 * np.abs(expected).max())


def test_the_tables_of_relative_positions() -> None:
    """Each table has a vector for every distance between places of the larger of the two maps."""
    shapes = {p.name: p.shape for p in stock("mvit_v2_s").parameters if ".rel_pos_" in p.name}
    tables = [shapes[f"blocks.{number}.attn.rel_pos_h"] for number in (0, 1, 2, 3, 14, 15)]
    assert tables == [(2 * size - 1, 96) for size in (56, 28, 28, 14, 14, 7)]
    assert {shape for name, shape in shapes.items() if name.endswith("_t")} == {(15, 96)}
