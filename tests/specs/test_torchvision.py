"""Stock networks that torchvision has: the very names, shapes, order and costs."""

from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

from tests.specs.measuring import stock
from tests.specs.reference import torchvision

NAMES = list(torchvision())


@pytest.mark.parametrize("name", NAMES)
def test_parameters(name: str) -> None:
    """Those of both phases: what torchvision's state_dict holds, in its order."""
    expected = torchvision()[name]
    parameters = stock(name).parameters
    assert [(p.name, p.shape) for p in parameters] == expected.state_dict
    assert [p.name for p in parameters if p.buffer] == expected.buffers
    assert stock(name).phase("TRAIN").params == expected.params


@pytest.mark.parametrize("name", NAMES)
def test_macs(name: str) -> None:
    expected = torchvision()[name]
    network = stock(name)
    assert {node.path: node.macs for node in network if node.macs} == expected.layer_macs
    assert network.macs == expected.macs


@pytest.mark.parametrize("name", NAMES)
def test_output_shapes(name: str) -> None:
    """Every module of torchvision's is a layer here, and gives the same shape."""
    expected = torchvision()[name].shapes
    found = {node.path: (1, *node.top[0][1:]) for node in stock(name)}
    assert {path: found[path] for path in expected} == expected


def test_auxiliary_classifiers_cost_what_torchvisions_do() -> None:
    assert stock("googlenet_bn").phase("TRAIN").macs == 1_506_748_416


def build(models: ModuleType, name: str, **options: Any) -> nn.Module:
    """torchvision's network, without weights."""
    if "googlenet" in name:
        options |= {"init_weights": False, "transform_input": False}
    with torch.device("cpu" if "regnet" in name else "meta"):  # RegNet computes its widths
        model = models.get_model(torchvision()[name].model, **options).to("meta")
    assert isinstance(model, nn.Module)
    return model


@pytest.mark.parametrize("name", NAMES)
def test_the_recorded_figures_are_torchvisions(models: ModuleType, name: str) -> None:
    recorded = torchvision()[name]
    state = build(models, name).state_dict(keep_vars=True)
    assert [(key, tuple(value.shape)) for key, value in state.items()] == recorded.state_dict
    buffers = [key for key, value in state.items() if not isinstance(value, nn.Parameter)]
    assert buffers == recorded.buffers
    meta = models.get_model_weights(recorded.model).DEFAULT.meta
    assert round(recorded.macs / 1e9, 3) == meta["_ops"]


def drawn(name: str) -> dict[str, torch.Tensor]:
    """Weights in double precision that keep activations alive and neither large nor small."""
    torch.manual_seed(0)
    weights = {}
    for parameter in stock(name).parameters:
        if parameter.name.endswith("num_batches_tracked"):
            weights[parameter.name] = torch.tensor(0)
        elif len(parameter.shape) > 1:
            fan_in = parameter.elements // parameter.shape[0]
            values = torch.empty(parameter.shape, dtype=torch.float64)
            weights[parameter.name] = values.uniform_(-1, 1).mul_((6 / fan_in) ** 0.5)
        else:
            weights[parameter.name] = torch.rand(parameter.shape, dtype=torch.float64) + 0.5
    return weights


QUICK = {
    "alexnet_owt",
    "googlenet_bn",
    "resnet18",
    "resnext50_32x4d",
    "mobilenet_v3_small",
    "efficientnet_b0",
    "regnet_y_400mf",
}
"""Of each family one, but for VGG, whose 130 million weights take seconds."""
SIZE = 96


@pytest.mark.parametrize(
    "name",
    [n if n in {*QUICK, "vgg11_bn"} else pytest.param(n, marks=pytest.mark.slow) for n in NAMES],
)
def test_the_same_weights_give_the_same_outputs(models: ModuleType, name: str) -> None:
    """In the TEST phase, to the last digits of double precision."""
    ours, theirs = both(models, name)
    image = torch.rand(1, 3, SIZE, SIZE, dtype=torch.float64)
    with torch.inference_mode():
        expected, found = theirs.eval()(image), ours.eval()(image)
    assert expected.std() > 1e-3
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


def test_googlenets_heads_give_the_same_outputs(models: ModuleType) -> None:
    """In the TRAIN phase, whose statistics are the batch's; only dropout has to be kept quiet."""
    ours, theirs = both(models, "googlenet_bn")
    for module in (*ours.modules(), *theirs.modules()):
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    images = torch.rand(4, 3, SIZE, SIZE, dtype=torch.float64)
    expected, found = theirs.train()(images), ours.train()(images)
    torch.testing.assert_close(found["fc"], expected.logits, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(found["aux1"], expected.aux_logits1, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(found["aux2"], expected.aux_logits2, rtol=1e-9, atol=1e-9)


def both(models: ModuleType, name: str) -> tuple[nn.Module, nn.Module]:
    """netspec's module and torchvision's, on the same weights."""
    weights = drawn(name)
    with torch.device("meta"):
        ours = stock(name).to_torch(init=False)
    theirs = build(models, name)
    for model in (ours, theirs):
        model.load_state_dict(weights, assign=True)
    return ours, theirs
