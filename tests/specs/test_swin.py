"""Swin Transformers of both versions: torchvision's keys, values, costs and gradients."""

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

SIZES = {"swin": 224, "swin_v2": 256}
VERSIONS = tuple(SIZES)
NAMES = [
    pytest.param(f"{version}_{size}", marks=() if size == "t" else pytest.mark.slow)
    for version in VERSIONS
    for size in "tsb"
]


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_costs(models: ModuleType, name: str) -> None:
    network = stock(name)
    assert network.params == models.get_model_weights(name).DEFAULT.meta["num_params"]
    with torch.device("meta"):
        theirs = models.get_model(name).eval()
        size = SIZES[name.rpartition("_")[0]]
        data = torch.empty(1, 3, size, size)
    state = {key: tuple(each.shape) for key, each in theirs.state_dict().items()}
    assert [(each.name, each.shape) for each in network.parameters] == list(state.items())
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        theirs(data)
    assert counter.get_total_flops() == 2 * known(network.macs)


@cache
def small(version: str) -> netspec.Graph:
    """A network of two stages, in the first of which every other block is shifted."""
    return netspec.load(
        f"{version}_t",
        inputs={"data": ["N", 3, 32, 32]},
        dim=16,
        depths=[2, 2],
        heads=[2, 4],
        window=4,
        drop_ratio=0.0,
        num_classes=10,
    )


def both(models: ModuleType, version: str) -> tuple[nn.Module, nn.Module]:
    """netspec's module and torchvision's in double precision, the same weights in both."""
    torch.manual_seed(0)
    module = models.swin_transformer
    second = {"block": module.SwinTransformerBlockV2, "downsample_layer": module.PatchMergingV2}
    theirs = module.SwinTransformer(
        patch_size=[4, 4],
        embed_dim=16,
        depths=[2, 2],
        num_heads=[2, 4],
        window_size=[4, 4],
        stochastic_depth_prob=0.0,
        num_classes=10,
        **second if version == "swin_v2" else {},
    )
    ours = small(version).to_torch()
    buffers = dict(ours.named_buffers())
    for key, value in theirs.named_buffers():  # in float32, as torchvision computes them
        torch.testing.assert_close(buffers[key], value, rtol=2e-7, atol=0)
    with torch.no_grad():
        for value in theirs.parameters():
            value.add_(torch.randn_like(value) * 0.2)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    return ours.double(), theirs.double()


def images(size: int = 32) -> Tensor:
    random = torch.Generator().manual_seed(1)
    return torch.rand(2, 3, size, size, dtype=torch.float64, generator=random)


@pytest.mark.parametrize("version", VERSIONS)
def test_results_are_equal(models: ModuleType, version: str) -> None:
    x = images()
    with torch.no_grad():
        found, expected = (model.eval()(x) for model in both(models, version))
    assert expected.std(0).max() > 1e-3
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_training_step_is_the_same(models: ModuleType, version: str) -> None:
    results = []
    for model in both(models, version):
        F.cross_entropy(model.train()(images()), torch.tensor([3, 9])).backward()
        results.append({name: each.grad for name, each in model.named_parameters()})
    found, expected = results
    assert list(found) == list(expected)
    for key, value in expected.items():
        assert value is not None
        scale = value.abs().max().item()
        torch.testing.assert_close(found[key], value, rtol=1e-9, atol=1e-9 * scale, msg=key)


@pytest.mark.parametrize("opset", [13, 17, NEWEST])
@pytest.mark.parametrize("version", VERSIONS)
def test_onnx(version: str, opset: int) -> None:
    graph = small(version)
    x = images().float().numpy()
    (found,) = run(checked_model(graph, fresh(graph, 1), opset), x)
    with torch.no_grad():
        expected = graph.to_torch(seed=1).eval()(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found, expected, atol=2e-5 * np.abs(expected).max())


def test_the_first_convolution_is_filled_as_pytorch_does() -> None:
    """Uniform within 1 / sqrt(48), the inputs of a patch, as torchvision leaves it."""
    weight, bias = (p.filler for p in stock("swin_t").parameters[:2])
    assert weight == bias
    assert (weight.type, weight.min, weight.max) == ("uniform", -(48**-0.5), 48**-0.5)


def test_the_temperature_of_version_2(models: ModuleType) -> None:
    """No head multiplies cosines by more than 100."""
    ours, theirs = both(models, "swin_v2")
    for model in (ours, theirs):
        for name, value in model.named_parameters():
            if name.endswith("logit_scale"):
                nn.init.constant_(value, 9.0)
    with torch.no_grad():
        found, expected = (model.eval()(images()) for model in (ours, theirs))
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)
