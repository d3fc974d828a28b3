"""Deep image prior's hourglass, beside a few lines of PyTorch after the authors' models/skip.py."""

from collections.abc import Mapping

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import netspec
from tests.specs.measuring import stock

State = Mapping[str, Tensor]


def test_parameters_and_costs() -> None:
    """By hand, with 128 channels on the way down and up, skips of 4, five scales, and 32 of noise;
    on images of 512×512, the paper's.
    """
    network = netspec.load("deep_image_prior", inputs={"data": [1, 32, 512, 512]})
    params = macs = 0
    for scale in range(5):
        before, full, half = 128 if scale else 32, (512 >> scale) ** 2, (256 >> scale) ** 2
        skip, down, same = before * 4, 9 * before * 128, 9 * 128 * 128
        up, mix = 9 * (4 + 128) * 128, 128 * 128
        params += skip + down + same + up + mix
        params += 3 * (4 + 128 * 4) + 2 * (4 + 128)  # biases and normalizations
        macs += (skip + up + mix) * full + (down + same) * half
    assert network.params == params + 128 * 3 + 3
    assert network.macs == macs + 128 * 3 * 512**2
    assert str(stock("deep_image_prior").outputs["sigmoid"]) == "N×3×32*H×32*W"


def conv(x: Tensor, state: State, name: str, stride: int = 1) -> Tensor:
    weight = state[f"{name}.conv.weight"]
    x = F.conv2d(x, weight, state[f"{name}.conv.bias"], stride, weight.shape[-1] // 2)
    return F.leaky_relu(norm(x, state, f"{name}.norm"), 0.2)


def norm(x: Tensor, state: State, name: str) -> Tensor:
    mean, variance = state[f"{name}.running_mean"], state[f"{name}.running_var"]
    return F.batch_norm(x, mean, variance, state[f"{name}.weight"], state[f"{name}.bias"])


def hourglass(x: Tensor, state: State, name: str, scales: int) -> Tensor:
    skip = conv(x, state, f"{name}.skip")
    deeper = conv(conv(x, state, f"{name}.down", 2), state, f"{name}.conv")
    if scales > 1:
        deeper = hourglass(deeper, state, f"{name}.inner", scales - 1)
    deeper = F.interpolate(deeper, scale_factor=2, mode="bilinear")
    both = norm(torch.cat([skip, deeper], 1), state, f"{name}.norm")
    return conv(conv(both, state, f"{name}.up"), state, f"{name}.mix")


@pytest.mark.parametrize("scales", [1, 5])
def test_values(scales: int) -> None:
    torch.manual_seed(0)
    model = netspec.load("deep_image_prior", scales=scales, channels=8).to_torch().eval()
    state = model.double().state_dict()
    for key, value in state.items():
        if key.endswith("running_var"):
            value.uniform_(0.5, 1.5)
    x = torch.rand(1, 32, 32, 64, dtype=torch.float64) / 10
    with torch.no_grad():
        found = model(x)
        image = hourglass(x, state, "hourglass", scales)
    expected = torch.sigmoid(F.conv2d(image, state["conv.weight"], state["conv.bias"]))
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
