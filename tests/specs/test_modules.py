"""Stock networks that torchvision lacks compute what a few lines of PyTorch do with the weights."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

import netspec
from tests.specs.measuring import stock

State = Mapping[str, Tensor]


def randomized(model: torch.nn.Module) -> None:
    """Give the normalizations something to do."""
    torch.manual_seed(0)
    for name, value in model.state_dict().items():
        if value.dim() == 1:
            value.copy_(torch.rand(value.shape) + 0.5 * (not name.endswith("bias")))


def conv(x: Tensor, state: State, name: str, stride: int = 1) -> Tensor:
    weight = state[f"{name}.weight"]
    return F.conv2d(x, weight, None, stride, weight.shape[-1] // 2)


def norm(x: Tensor, state: State, name: str) -> Tensor:
    mean, variance = state[f"{name}.running_mean"], state[f"{name}.running_var"]
    return F.batch_norm(x, mean, variance, state[f"{name}.weight"], state[f"{name}.bias"])


def cifar_block(x: Tensor, state: State, name: str, stride: int, residual: bool) -> Tensor:
    """He et al. 2015, Figure 2 with shortcuts of option A."""
    y = F.relu(norm(conv(x, state, f"{name}.conv1", stride), state, f"{name}.bn1"))
    y = norm(conv(y, state, f"{name}.conv2"), state, f"{name}.bn2")
    if residual:
        shortcut = x[:, :, ::stride, ::stride]
        y[:, : x.shape[1]] += shortcut
    return F.relu(y)


def cifar(x: Tensor, state: State, blocks: int, residual: bool) -> Tensor:
    x = F.relu(norm(conv(x, state, "conv1"), state, "bn1"))
    for stage in (1, 2, 3):
        for number in range(blocks):
            stride = 2 if stage > 1 and number == 0 else 1
            x = cifar_block(x, state, f"layer{stage}.{number}", stride, residual)
    return F.linear(x.mean((2, 3)), state["fc.weight"], state["fc.bias"])


def unit(x: Tensor, state: State, name: str, stride: int) -> Tensor:
    """He et al. 2016, Figure 1 (b), as a bottleneck."""
    active = F.relu(norm(x, state, f"{name}.bn1"))
    y = conv(active, state, f"{name}.conv1", stride)
    y = conv(F.relu(norm(y, state, f"{name}.bn2")), state, f"{name}.conv2")
    y = conv(F.relu(norm(y, state, f"{name}.bn3")), state, f"{name}.conv3")
    if f"{name}.projection.weight" in state:
        x = conv(active, state, f"{name}.projection", stride)
    return x + y


def preactivated(x: Tensor, state: State, units: int) -> Tensor:
    x = conv(x, state, "conv1")
    for stage in (1, 2, 3):
        for number in range(units):
            stride = 2 if stage > 1 and number == 0 else 1
            x = unit(x, state, f"layer{stage}.{number}", stride)
    x = F.relu(norm(x, state, "bn"))
    return F.linear(x.mean((2, 3)), state["fc.weight"], state["fc.bias"])


@pytest.mark.parametrize(("name", "residual"), [("resnet20", True), ("plain20", False)])
def test_cifar_networks_compute_what_the_paper_says(name: str, residual: bool) -> None:
    model = stock(name).to_torch().eval()
    randomized(model)
    image = torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        expected = cifar(image, model.state_dict(), 3, residual)
        torch.testing.assert_close(model(image), expected)


def test_preactivated_networks_compute_what_the_paper_says() -> None:
    model = netspec.load("preresnet164", depth=20).to_torch().eval()
    randomized(model)
    image = torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(model(image), preactivated(image, model.state_dict(), 2))


def test_googlenets_losses_are_cross_entropies() -> None:
    model = netspec.load("googlenet", inputs={"data": ["N", 3, 96, 96]}).to_torch()
    torch.manual_seed(0)
    images, labels = torch.rand(2, 3, 96, 96), torch.tensor([3, 141])
    with torch.no_grad():
        found = model.train()(images, label=labels)
        unlabelled = model(images)
    for loss, scores in {"loss": "fc", "loss1": "aux1", "loss2": "aux2"}.items():
        torch.testing.assert_close(found[loss], F.cross_entropy(found[scores], labels))
    assert set(unlabelled) == {"fc", "aux1", "aux2"}
    with torch.no_grad():
        assert model.eval()(images).shape == (2, 1000)
