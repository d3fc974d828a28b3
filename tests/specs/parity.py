"""torchvision's networks beside the stock ones: how to build both, run them and compare."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.specs.measuring import stock

NAMES = {"alexnet_owt": "alexnet", "googlenet_bn": "googlenet"}
"""What torchvision calls the networks that go by another name here."""

Tensors: TypeAlias = dict[str, Tensor]


@dataclass(frozen=True)
class Pair:
    """netspec's module and torchvision's, the same weights in both, in double precision.

    Nothing is dropped in training: the two would draw other numbers.
    """

    ours: nn.Module
    theirs: nn.Module


@cache
def torchvision_models() -> ModuleType | None:
    """`torchvision.models`; None where torchvision isn't installed.

    It imports without its compiled operators, which not every build of PyTorch can load, once the
    two that it asks about are declared.
    """
    if find_spec("torchvision") is None:
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        with suppress(RuntimeError):  # the compiled ones are there
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    from torchvision import models

    assert isinstance(models, ModuleType)
    return models


def theirs(models: ModuleType, name: str, **options: Any) -> nn.Module:
    """torchvision's network of a stock name, without published weights, but as they have it."""
    own: dict[str, Any] = {"weights": None}
    if name in ("googlenet_bn", "inception_v3"):
        own |= {"init_weights": False, "transform_input": False, "aux_logits": True}
    elif name.startswith(("fcn_", "deeplabv3_")):
        own |= {"weights_backbone": None, "aux_loss": True}
    elif name.startswith("lraspp_"):
        own |= {"weights_backbone": None}
    model = models.get_model(NAMES.get(name, name), **own | options)
    assert isinstance(model, nn.Module)
    return model


def theirs_on_meta(models: ModuleType, name: str) -> nn.Module:
    """Its names and shapes, without memory."""
    with torch.device("cpu" if name.startswith("regnet") else "meta"):  # RegNet computes widths
        return theirs(models, name).to("meta")


def pair(models: ModuleType, name: str) -> Pair:
    """Both, with the same weights, which go both ways by `load_state_dict`.

    They are the very same tensors, so that the largest networks fit into memory; buffers, which a
    step changes, are each one's own.
    """
    torch.manual_seed(0)
    there, here = theirs(models, name).double(), stock(name).to_torch(init=False)
    shake(there, here.state_dict())
    here.load_state_dict(there.state_dict(), strict=True, assign=True)
    state = there.state_dict()  # which says its version: MNASNet would take another for its first
    state.update(here.state_dict())
    there.load_state_dict(state, strict=True, assign=True)
    buffers = {key: value.clone() for key, value in here.named_buffers() if key in state}
    here.load_state_dict(buffers, strict=False, assign=True)
    for model in (here, there):
        quiet(model)
    return Pair(here.double(), there)


def shake(model: nn.Module, ours: Tensors) -> None:
    """Weights that keep activations alive and neither large nor small, biases that count.

    Tables of indices and other constants stay, and are ours.
    """
    drawn = {name for name, _ in model.named_parameters()}
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if name.endswith("running_mean"):
                value.uniform_(-0.5, 0.5)
            elif name.endswith("running_var"):
                value.uniform_(0.5, 1.5)
            elif name not in drawn:
                torch.testing.assert_close(ours[name], value, msg=name)
            elif value.dim() > 1:
                value.uniform_(-1, 1).mul_((6 / value[0].numel()) ** 0.5)
            else:
                value.uniform_(0.5, 1.5)


def quiet(model: nn.Module) -> None:
    """No dropout, of numbers or of paths."""
    for module in model.modules():
        if type(module).__name__ in ("Dropout", "StochasticDepth", "DropPath"):
            vars(module)["p"] = 0.0
        elif isinstance(vars(module).get("dropout"), float):  # attention's
            vars(module)["dropout"] = 0.0


def heads(results: Any) -> list[Tensor]:
    """The scores of a network and those of its auxiliary heads, in one order for both."""
    if isinstance(results, Tensor):
        return [results]
    if isinstance(results, dict):
        return [*results.values()]
    main, *others = results._fields  # a namedtuple, the auxiliary heads in some order
    return [getattr(results, name) for name in (main, *sorted(others))]


def evaluated(model: nn.Module, images: Tensor) -> list[Tensor]:
    with torch.inference_mode():
        return heads(model.eval()(images))


def step(model: nn.Module, images: Tensor) -> Tensors:
    """The loss, its gradients and the buffers that are kept, after a pass in training, forth and
    back.
    """
    losses = [_loss(scores) for scores in heads(model.train()(images))]
    torch.stack(losses).sum().backward()
    gradients, buffers = {}, model.state_dict()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        gradients[f"{name}.grad"] = parameter.grad
        buffers.pop(name, None)
    return {"loss": torch.stack(losses).detach(), **gradients, **buffers}


def _loss(scores: Tensor) -> Tensor:
    """The cross-entropy with labels that are drawn, of images or of their pixels."""
    random = torch.Generator().manual_seed(1)
    shape = (scores.shape[0], *scores.shape[2:])
    return F.cross_entropy(scores, torch.randint(scores.shape[1], shape, generator=random))


def assert_same_step(found: Tensors, expected: Tensors) -> None:
    assert list(found) == list(expected)
    largest = max(value.abs().max().item() for key, value in expected.items() if ".grad" in key)
    for key, value in expected.items():
        scale = value.abs().max().item() if value.is_floating_point() else 0
        if ".grad" in key:
            # That of a bias which a normalization takes away again is nothing but rounding.
            scale = max(scale, 1e-5 * largest)
        torch.testing.assert_close(found[key], value, rtol=1e-8, atol=1e-8 * scale, msg=key)
