"""The tools themselves, where they are installed in the versions that were measured."""

from contextlib import nullcontext
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from netspec.analysis.conventions import count
from tests.analysis.counted import COUNTED, network, one_layer
from tests.analysis.tools import Counts, counts, require
from tests.specs.parity import theirs, torchvision_models

NAMES = ("torch", "fvcore", "torchinfo", "ptflops", "thop", "calflops")
ON_META = ("torch", "torchinfo")
"""Those that need no memory to count."""

every_tool = pytest.mark.parametrize("tool", NAMES)


class Held(nn.Module):
    """A module beside a parameter, without which calflops counts nothing; of several results the
    first is given.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module, self.held = module, nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Any:
        found = self.module(x)
        return found[0] if isinstance(found, tuple) else found


@every_tool
def test_single_layers(tool: str) -> None:
    require(tool)
    off = {}
    for each in one_layer():
        module = eval(each.module, {"nn": nn})
        if isinstance(module, nn.RNNBase):
            module.batch_first = True
        shape = [int(size) for size in each.shape.split(",")]
        found = counts(tool, Held(module), [torch.rand(shape)])
        stated = {name: each.found[name] for name in found}
        if found != stated:
            off[each.module] = found, stated
    assert off == {}


@every_tool
def test_networks_of_torchvision(tool: str) -> None:
    require(tool)
    models = torchvision_models()
    if models is None:
        pytest.skip("torchvision isn't installed")
    stated: dict[str, dict[str, int]] = {}
    for each in COUNTED:
        if each.tool.removesuffix("_macs") == tool:
            stated.setdefault(each.name, {})[each.tool] = each.found
    assert {name: _counted(models, name, tool) for name in stated} == stated


@every_tool
def test_networks_as_netspec_writes_them(tool: str) -> None:
    """There activations and pooling are modules where torchvision's two call functions."""
    require(tool)
    off = {}
    for each in COUNTED:
        if each.tool.removesuffix("_macs") == tool:
            graph = network(each.name)
            modules = each.name in ("googlenet_bn", "mobilenet_v2") and tool in ("ptflops", "thop")
            expected = count(graph.work, each.tool) + (0 if modules else each.more(graph))
            with torch.device("meta") if tool in ON_META else nullcontext():
                model = graph.to_torch(init=False)
                inputs = [torch.rand([1, *graph.inputs[0].shape[1:]])]
            found = counts(tool, model, inputs)[each.tool]
            if found != expected:
                off[each.name, each.tool] = found, expected
    assert off == {}


def _counted(models: ModuleType, name: str, tool: str) -> Counts:
    with torch.device("meta") if tool in ON_META else nullcontext():
        model, shape = _model(models, name)
        inputs = [torch.rand(shape)]
    # A device for all that is made would send each function through PyTorch twice.
    return counts(tool, model, inputs)


def _model(models: ModuleType, name: str) -> tuple[nn.Module, list[int]]:
    """The module that was counted, and the shape of what it reads."""
    if name == "generator":
        return network(name).to_torch(init=False), [1, 100, 1, 1]
    image = [1, 3, 224, 224]
    if name.startswith("fcn_"):
        return Chosen(theirs(models, name, aux_loss=False)), image
    options = {"aux_logits": False} if name == "googlenet_bn" else {}
    return theirs(models, name, **options), image


class Chosen(nn.Module):
    """A segmentation network that gives its classes alone."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Any:
        return self.model(x)["out"]
