"""A network written from its paper, with what the manual says alone: it is what a few lines of
PyTorch compute.
"""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from netspec.lower.torch import to_torch
from tests.lower.torch.checks import checked_source
from tests.specs.measuring import small

State = dict[str, Tensor]


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def wavenet(state: State, wave: Tensor) -> Tensor:
    def conv(name: str, x: Tensor, **options: Any) -> Tensor:
        return F.conv1d(x, state[f"{name}.weight"], state[f"{name}.bias"], **options)

    x = F.embedding(wave, state["embed.weight"]).mT
    total = conv("start", x)
    for number, dilation in enumerate([1, 2, 4, 1, 2, 4]):
        before, name = F.pad(x, (dilation, 0)), f"layers.{number}"
        gate = torch.sigmoid(conv(f"{name}.gate", before, dilation=dilation))
        gated = torch.tanh(conv(f"{name}.filter", before, dilation=dilation)) * gate
        total = total + conv(f"{name}.skip", gated)
        x = x + conv(f"{name}.res", gated)
    return conv("conv2", F.relu(conv("conv1", F.relu(total))))


def test_wavenet() -> None:
    network = small("wavenet")
    checked_source(network)
    model = to_torch(network).eval().double()
    waves = torch.randint(256, (2, 23))
    with torch.inference_mode():
        given = model(waves)
        torch.testing.assert_close(given, wavenet(model.state_dict(), waves))
        waves[:, 17:] = 0
        assert torch.equal(model(waves)[..., :17], given[..., :17])  # the past sees no future
