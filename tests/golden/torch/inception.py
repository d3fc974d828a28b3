"""Branches that are joined, and a head for training.

Input: data, N x 3 x 32 x 32.
Outputs: fc, N x 10; aux, N x 10 (TRAIN only).
1,692 parameters, 1.483 MMACs.
Written by netspec 0.2.0 from <string> (sha256 64d5002b7bed).
"""

from typing import Any

import torch
from torch import Tensor, nn


class Conv(nn.Module):
    def __init__(
        self, in_channels: int, channels: int, kernel: int = 1, pad: int = 0
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, channels, kernel, padding=pad)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.conv(x))


class Aux(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(2)
        self.fc = nn.Linear(72, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.pool(x).flatten(1))


class Inception(nn.Module):
    def __init__(self, in_channels: int, a: int, b: int, c: int, d: int) -> None:
        super().__init__()
        self.branch1 = Conv(in_channels, a)
        self.reduce = Conv(in_channels, b)
        self.branch2 = Conv(b, c, kernel=3, pad=1)
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)
        self.branch3 = Conv(in_channels, d)

    def forward(self, x: Tensor) -> Tensor:
        branch1 = self.branch1(x)
        branch2 = self.branch2(self.reduce(x))
        pool = self.pool(x)
        branch3 = self.branch3(pool)
        return torch.cat([branch1, branch2, branch3], 1)


class TinyInception(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = Conv(3, 8, kernel=3, pad=1)
        self.inception1 = Inception(8, a=4, b=6, c=8, d=4)
        self.inception2 = Inception(16, a=8, b=6, c=8, d=2)
        self.aux = Aux()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(18, 10)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor | dict[str, Tensor]:
        inception2 = self.inception2(self.inception1(self.stem(data)))
        fc = self.fc(self.pool(inception2).flatten(1))
        if self.training:
            aux = self.aux(inception2)
            return {"fc": fc, "aux": aux}
        return fc


if __name__ == "__main__":
    model = TinyInception().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 32, 32)).shape)
