"""Stock networks that torchvision has: weights go both ways, and a training step is the same."""

from types import ModuleType
from typing import Any, TypeAlias

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.specs.test_torchvision import NAMES, QUICK, both

SIZE = 64
BATCH = 3

Tensors: TypeAlias = dict[str, Tensor]


@pytest.mark.parametrize(
    "name",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in NAMES],
)
def test_a_training_step_is_the_same(models: ModuleType, name: str) -> None:
    """Losses, gradients of every weight, and statistics of every normalization."""
    ours, theirs = both(models, name)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    # Both were given the very same tensors, and each is to gather statistics of its own.
    statistics = {name: buffer.clone() for name, buffer in theirs.named_buffers()}
    theirs.load_state_dict(statistics, strict=False, assign=True)
    # One's heads run elsewhere among its layers, the other drops no path with probability 0, and so
    # they draw other numbers.
    if "googlenet" in name or "_v2_s" in name:
        quiet(ours, theirs)
    found, expected = step(ours), step(theirs)
    assert found.keys() == expected.keys()
    largest = max(value.abs().max().item() for key, value in expected.items() if ".grad" in key)
    for key, value in expected.items():
        scale = value.abs().max().item() if value.is_floating_point() else 0
        if ".grad" in key:
            # That of a bias which a normalization takes away again is nothing but rounding.
            scale = max(scale, 1e-5 * largest)
        torch.testing.assert_close(found[key], value, rtol=1e-9, atol=1e-9 * scale, msg=key)


def quiet(*models: nn.Module) -> None:
    """No dropout, of numbers or of paths."""
    for model in models:
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
            elif type(module).__name__ in ("StochasticDepth", "DropPath"):
                setattr(module, "p", 0.0)  # noqa: B010


def step(model: nn.Module) -> Tensors:
    """The loss, its gradients and the buffers after one pass in training, forth and back."""
    torch.manual_seed(1)
    images = torch.rand(BATCH, 3, SIZE, SIZE, dtype=torch.float64)
    labels = torch.randint(1000, (BATCH,))
    loss = torch.stack([F.cross_entropy(scores, labels) for scores in heads(model.train()(images))])
    loss.sum().backward()
    gradients = {}
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        gradients[f"{name}.grad"] = parameter.grad
    return {"loss": loss.detach(), **gradients, **dict(model.named_buffers())}


def heads(results: Any) -> list[Tensor]:
    """The scores of a network and those of its auxiliary heads, in one order for both."""
    if isinstance(results, Tensor):
        return [results]
    if isinstance(results, dict):
        main, *auxiliary = results.values()
        return [main, *auxiliary]
    return [results.logits, results.aux_logits1, results.aux_logits2]
