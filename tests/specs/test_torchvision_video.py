"""Stock networks for videos, against torchvision's: names, costs, outputs and a training step."""

from functools import cache
from types import ModuleType

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from tests.specs.measuring import stock

NAMES = ("r3d_18", "mc3_18", "r2plus1d_18", "s3d")
SHAPES = dict.fromkeys(NAMES, (16, 112, 112)) | {"s3d": (16, 224, 224)}
"""Frames, height and width that they are made for."""
SMALL = dict.fromkeys(NAMES, (4, 24, 24)) | {"s3d": (14, 209, 209)}
"""What they are run at: S3D's last windows must fit, the others take anything."""


def some(*quick: str) -> pytest.MarkDecorator:
    """All networks, but those that are not named here at length only."""
    slow = pytest.mark.slow
    every = [name if name in quick else pytest.param(name, marks=slow) for name in NAMES]
    return pytest.mark.parametrize("name", every)


@cache
def theirs_on_meta(models: ModuleType, name: str) -> nn.Module:
    """torchvision's network, without weights."""
    with torch.device("meta"):
        model = getattr(models.video, name)()
    assert isinstance(model, nn.Module)
    return model


def both(models: ModuleType, name: str) -> tuple[nn.Module, nn.Module]:
    """netspec's module and torchvision's in double precision, the same weights in both."""
    torch.manual_seed(0)
    theirs = getattr(models.video, name)().double()
    ours = stock(name).to_torch().double()
    with torch.no_grad():
        for key, value in theirs.state_dict().items():
            if value.is_floating_point() and value.dim() == 1:
                value.copy_(torch.rand_like(value) + 0.5)
            elif key.endswith(".weight"):
                value.copy_(torch.randn_like(value) * (2 / value[0].numel()) ** 0.5)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    return ours, theirs


def clips(name: str, batch: int) -> Tensor:
    return torch.rand(batch, 3, *SMALL[name], dtype=torch.float64)


@pytest.mark.parametrize("name", NAMES)
def test_parameters(models: ModuleType, name: str) -> None:
    """What torchvision's state_dict holds, in its order."""
    state = theirs_on_meta(models, name).state_dict(keep_vars=True)
    parameters = stock(name).parameters
    assert [(p.name, p.shape) for p in parameters] == [(k, v.shape) for k, v in state.items()]
    buffers = [key for key, value in state.items() if not isinstance(value, nn.Parameter)]
    assert [p.name for p in parameters if p.buffer] == buffers
    meta = models.get_model_weights(name).DEFAULT.meta
    assert stock(name).params == meta["num_params"]


@pytest.mark.parametrize("name", NAMES)
def test_macs(models: ModuleType, name: str) -> None:
    """Layer by layer, as PyTorch counts them."""
    model = theirs_on_meta(models, name).eval()
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        model(torch.empty(1, 3, *SHAPES[name], device="meta"))
    counts = {path: sum(each.values()) // 2 for path, each in counter.get_flop_counts().items()}
    kind = type(model).__name__
    found = {f"{kind}.{node.path}": node.macs for node in stock(name) if node.macs}
    assert {path: counts[path] for path in found} == found
    assert stock(name).macs == counts["Global"]


@some("mc3_18", "s3d")
def test_the_same_weights_give_the_same_outputs(models: ModuleType, name: str) -> None:
    """In the TEST phase, to the last digits of double precision."""
    ours, theirs = both(models, name)
    clip = clips(name, 1)
    with torch.inference_mode():
        expected, found = theirs.eval()(clip), ours.eval()(clip)
    assert expected.std() > 1e-3
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


@some("mc3_18")
def test_a_training_step_is_the_same(models: ModuleType, name: str) -> None:
    """Loss, gradients of every weight, and statistics of every normalization."""
    ours, theirs = both(models, name)
    clip, labels = clips(name, 2), torch.tensor([7, 300])
    results = []
    for model in (ours, theirs):
        torch.manual_seed(1)
        loss = F.cross_entropy(model.train()(clip), labels)
        loss.backward()
        gradients = [parameter.grad for parameter in model.parameters()]
        results.append([loss.detach(), *gradients, *model.buffers()])
    for found, expected in zip(*results, strict=True):
        assert found is not None
        assert expected is not None
        scale = expected.abs().max().item() if expected.is_floating_point() else 0
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9 * scale)
