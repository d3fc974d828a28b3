"""Every network for classification, segmentation and video that torchvision lists is a stock one,
with torchvision's names, values, training and costs.
"""

import re
from types import ModuleType

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from netspec.stock import stock_names
from tests.specs import parity
from tests.specs.measuring import known, of_known_size, stock
from tests.stock import every_network

SIZES = {
    r"swin_v2": (256, 256),
    r"swin_|maxvit_|vit_": (224, 224),
    r"inception": (299, 299),
    r"s3d": (14, 209, 209),
    r"mvit": (16, 224, 224),
    r"r3d|mc3|r2plus1d": (4, 32, 32),
}
"""What networks are run at whose sizes are their own, or must be large enough; others at 64×64."""

QUICK = {
    *("convnext_tiny", "densenet121", "efficientnet_b0", "googlenet_bn"),
    *("mc3_18", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small"),
    *("regnet_y_400mf", "regnet_x_400mf", "resnet18", "resnext50_32x4d", "shufflenet_v2_x0_5"),
    *("squeezenet1_1", "lraspp_mobilenet_v3_large"),
}
"""Those that are run whenever tests are; the others with the slow ones."""


def listed() -> list[str]:
    """All that torchvision has for these tasks, by their stock names."""
    models = parity.torchvision_models()
    if models is None:
        return []
    ours = {theirs: name for name, theirs in parity.NAMES.items()}
    modules = (models, models.segmentation, models.video)
    names = [name for module in modules for name in models.list_models(module=module)]
    return [ours.get(name, name) for name in names]


LISTED = listed()
STOCK = [name for name in LISTED if name in stock_names()]


def some(names: list[str]) -> pytest.MarkDecorator:
    slow = pytest.mark.slow
    every = [name if name in QUICK else pytest.param(name, marks=slow) for name in names]
    return pytest.mark.parametrize("name", every)


# test_swin3d.py runs those with smaller windows: these take clips of 88 GMACs and more.
RUN = some([name for name in STOCK if not name.startswith("swin3d")])


def test_every_network_that_torchvision_lists_is_a_stock_one() -> None:
    assert LISTED == STOCK


@pytest.mark.parametrize("name", every_network(among=LISTED))
def test_the_same_names_in_the_same_order(models: ModuleType, name: str) -> None:
    """Of parameters and buffers, and their shapes: published weights load as they are."""
    state = parity.theirs_on_meta(models, name).state_dict(keep_vars=True)
    parameters = stock(name).parameters
    assert [(p.name, p.shape) for p in parameters] == [(k, v.shape) for k, v in state.items()]
    buffers = [key for key, value in state.items() if not isinstance(value, nn.Parameter)]
    assert [p.name for p in parameters if p.buffer] == buffers


@some(STOCK)
def test_the_same_macs(models: ModuleType, name: str) -> None:
    """As PyTorch counts them in torchvision's module, at the spec's own size if it has one."""
    network = of_known_size(name, 520)  # the size of torchvision's weights for segmentation
    data = torch.empty(1, *map(known, network.inputs[0].shape[1:]), device="meta")
    model = parity.theirs_on_meta(models, name).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(data)
    assert counter.get_total_flops() == 2 * network.macs


def images(name: str, batch: int) -> torch.Tensor:
    sizes = (each for pattern, each in SIZES.items() if re.match(pattern, name))
    random = torch.Generator().manual_seed(2)
    return torch.rand(batch, 3, *next(sizes, (64, 64)), dtype=torch.float64, generator=random)


@RUN
def test_the_same_weights_give_the_same_outputs(models: ModuleType, name: str) -> None:
    """After a strict load both ways, in the TEST phase, to the last digits of double precision."""
    pair = parity.pair(models, name)
    data = images(name, 1)
    found, expected = (parity.evaluated(model, data) for model in (pair.ours, pair.theirs))
    assert expected[0].std() > 1e-6
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


@RUN
def test_a_training_step_is_the_same(models: ModuleType, name: str) -> None:
    """Losses, gradients of every weight, and statistics of every normalization."""
    pair = parity.pair(models, name)
    data = images(name, 2)
    found, expected = (parity.step(model, data) for model in (pair.ours, pair.theirs))
    parity.assert_same_step(found, expected)
