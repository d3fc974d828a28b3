"""MaxViT: torchvision's keys, values, costs, gradients and statistics."""

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


def test_parameters_and_costs(models: ModuleType) -> None:
    network = stock("maxvit_t")
    assert network.params == models.get_model_weights("maxvit_t").DEFAULT.meta["num_params"]
    with torch.device("meta"):
        theirs = models.get_model("maxvit_t").eval()
        data = torch.empty(1, 3, 224, 224)
    state = {key: tuple(each.shape) for key, each in theirs.state_dict().items()}
    assert [(each.name, each.shape) for each in network.parameters] == list(state.items())
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        theirs(data)
    assert counter.get_total_flops() == 2 * network.macs


def test_normalizations(models: ModuleType) -> None:
    """What they add to the variance, and how fast their statistics follow."""

    def constants(model: nn.Module) -> list[tuple[float, float | None]]:
        kinds = nn.BatchNorm2d | nn.LayerNorm
        norms = [each for each in model.modules() if isinstance(each, kinds)]
        return [(each.eps, getattr(each, "momentum", None)) for each in norms]

    with torch.device("meta"):
        theirs = models.get_model("maxvit_t")
    assert constants(stock("maxvit_t").to_torch(init=False)) == constants(theirs)


def test_stochastic_depth() -> None:
    """From nothing in the first layer to a fifth in the last, in all parts of a layer alike."""
    ours = stock("maxvit_t").to_torch(init=False)
    drops = [each for each in ours.modules() if type(each).__name__ == "DropPath"]
    found = [getattr(each, "p") for each in drops]  # noqa: B009
    expected = [ratio for ratio in np.linspace(0, 0.2, 11) for _ in range(5)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_source() -> None:
    """A class for each block, one for stages of two layers and of five; the args of each."""
    source = netspec.load("maxvit_t").to_source()
    for line in (
        "for i in range(depth):",
        "Stage(128, channels=256, depth=5, size=14, before=4, drop_ratio=drop_ratio),",
        "Stage(256, channels=512, depth=2, size=7, before=9, drop_ratio=drop_ratio),",
        "self.to_qkv(x).unflatten(3, (3 * self.heads, 32))",
        "self.grid_attention = PartitionAttention(",
    ):
        assert line in source
    assert "_2(" not in source
    assert source.count("\nclass ") == 11


@pytest.fixture(scope="module")
def pair(models: ModuleType) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's, with its weights, and without stochastic depth."""
    torch.manual_seed(0)
    ours = netspec.load("maxvit_t", drop_ratio=0.0).to_torch()
    theirs = models.get_model("maxvit_t")
    for module in theirs.modules():
        if type(module).__name__ == "StochasticDepth":
            module.p = 0.0
    with torch.no_grad():
        for name, parameter in theirs.named_parameters():
            if name.endswith(("bias", "bias_table")):
                parameter.normal_(std=0.2)
    given = ours.state_dict()
    for key, value in theirs.state_dict().items():
        if key.endswith("relative_position_index"):
            assert torch.equal(given[key], value)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    return ours, theirs


@pytest.mark.slow
def test_results_are_equal(pair: tuple[nn.Module, nn.Module]) -> None:
    x = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        found, expected = (model.eval()(x) for model in pair)
    assert expected.std() > 1e-3
    torch.testing.assert_close(found, expected, rtol=0, atol=2e-6)


@pytest.mark.slow
def test_a_training_step_is_the_same(pair: tuple[nn.Module, nn.Module]) -> None:
    """Gradients of every weight, and statistics of every normalization."""
    found, expected = (_step(model) for model in pair)
    assert found.keys() == expected.keys()
    largest = max(value.abs().max().item() for key, value in expected.items() if ".grad" in key)
    for key, value in expected.items():
        scale = value.abs().max().item()
        if ".grad" in key:
            # That of a bias which a normalization takes away again is nothing but rounding.
            scale = max(scale, 1e-5 * largest)
        torch.testing.assert_close(found[key], value, rtol=1e-9, atol=1e-9 * scale, msg=key)


def _step(model: nn.Module) -> dict[str, Tensor]:
    """The gradients and the statistics after one pass in training, forth and back."""
    random = torch.Generator().manual_seed(1)
    images = torch.rand(2, 3, 224, 224, dtype=torch.float64, generator=random)
    # Both were given the very same tensors, and each is to gather statistics of its own.
    statistics = {name: buffer.clone() for name, buffer in model.named_buffers()}
    model.load_state_dict(statistics, strict=False, assign=True)
    model.double().train().zero_grad()
    F.cross_entropy(model(images), torch.tensor([3, 900])).backward()
    found = dict(model.named_buffers())
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        found[f"{name}.grad"] = parameter.grad
    return found


@pytest.mark.slow
@pytest.mark.parametrize("opset", [13, 20])
def test_onnx(opset: int) -> None:
    graph = stock("maxvit_t")
    weights = fresh(graph, 1)
    x = np.random.default_rng(0).standard_normal((1, 3, 224, 224), np.float32)
    (found,) = run(checked_model(graph, weights, opset), x)
    with torch.no_grad():
        expected = graph.to_torch(seed=1).eval()(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found, expected, atol=2e-5 * np.abs(expected).max())
