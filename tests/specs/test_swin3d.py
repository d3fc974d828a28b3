"""Swin Transformers for videos: torchvision's keys, values, costs and gradients."""

from functools import cache
from types import ModuleType

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import netspec
from netspec.lower.weights import fresh
from tests.lower.onnx.checks import NEWEST, checked_model, run
from tests.specs.measuring import known, stock

NAMES = ["swin3d_t", *(pytest.param(f"swin3d_{s}", marks=pytest.mark.slow) for s in "sb")]
LENGTHS = [4, 8]
"""Frames of quick clips: of one window along time, which nothing shifts in time, and of two."""


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_costs(models: ModuleType, name: str) -> None:
    network = stock(name)
    assert network.params == models.get_model_weights(name).DEFAULT.meta["num_params"]
    with torch.device("meta"):
        theirs = models.get_model(name).eval()
        clip = torch.empty(1, 3, 32, 224, 224)
    state = {key: tuple(each.shape) for key, each in theirs.state_dict().items()}
    assert [(each.name, each.shape) for each in network.parameters] == list(state.items())
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        theirs(clip)
    assert counter.get_total_flops() == 2 * known(network.macs)


@pytest.mark.slow
def test_the_papers_costs() -> None:
    """Liu et al. 2021, Video Swin Transformer, Table 1: of a clip of 32 frames. (It has 282 for the
    largest, of which the matrices come to 281.3.)
    """
    for name, cost in {"swin3d_t": 88, "swin3d_s": 166, "swin3d_b": 281}.items():
        assert round(known(stock(name).macs) / 1e9) == cost


@cache
def small(frames: int) -> netspec.Graph:
    """A network of two stages, in the first of which every other block is shifted."""
    return netspec.load(
        "swin3d_t",
        frames=frames,
        image=32,
        dim=16,
        depths=[2, 2],
        heads=[2, 4],
        window_t=2,
        window=4,
        drop_ratio=0.0,
        num_classes=10,
    )


def both(models: ModuleType, frames: int) -> tuple[nn.Module, nn.Module]:
    """netspec's module and torchvision's in double precision, the same weights in both."""
    torch.manual_seed(0)
    theirs = models.video.swin_transformer.SwinTransformer3d(
        patch_size=[2, 4, 4],
        embed_dim=16,
        depths=[2, 2],
        num_heads=[2, 4],
        window_size=[2, 4, 4],
        stochastic_depth_prob=0.0,
        num_classes=10,
    )
    ours = small(frames).to_torch()
    assert all(torch.equal(ours.get_buffer(key), value) for key, value in theirs.named_buffers())
    with torch.no_grad():
        for value in theirs.parameters():
            value.add_(torch.randn_like(value) * 0.2)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    return ours.double(), theirs.double()


def clips(frames: int) -> Tensor:
    random = torch.Generator().manual_seed(1)
    return torch.rand(2, 3, frames, 32, 32, dtype=torch.float64, generator=random)


@pytest.mark.parametrize("frames", LENGTHS)
def test_results_are_equal(models: ModuleType, frames: int) -> None:
    with torch.no_grad():
        found, expected = (model.eval()(clips(frames)) for model in both(models, frames))
    assert expected.std(0).max() > 1e-3
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-11)


def test_a_training_step_is_the_same(models: ModuleType) -> None:
    results = []
    for model in both(models, LENGTHS[-1]):
        F.cross_entropy(model.train()(clips(LENGTHS[-1])), torch.tensor([3, 9])).backward()
        results.append({name: each.grad for name, each in model.named_parameters()})
    found, expected = results
    assert list(found) == list(expected)
    for key, value in expected.items():
        assert value is not None
        scale = value.abs().max().item()
        torch.testing.assert_close(found[key], value, rtol=1e-9, atol=1e-9 * scale, msg=key)


@pytest.mark.parametrize("opset", [13, 17, NEWEST])
def test_onnx(opset: int) -> None:
    graph = small(LENGTHS[-1])
    x = clips(LENGTHS[-1]).float().numpy()
    (found,) = run(checked_model(graph, fresh(graph, 1), opset), x)
    with torch.no_grad():
        expected = graph.to_torch(seed=1).eval()(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found, expected, atol=2e-5 * np.abs(expected).max())
