"""UNet.

Input: data, N x 3 x 64 x 64.
Output: head, N x 2 x 64 x 64.
482,050 parameters, 145 MMACs.
Written by netspec 0.2.0 from <string> (sha256 05d4439c92db).
"""

from typing import Any

import torch
from torch import Tensor, nn


class Double(nn.Sequential):
    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, channels, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(inplace=True),
        )


class Level(nn.Module):
    def __init__(self, in_channels: int, channels: int, depth: int) -> None:
        super().__init__()
        self.encode = Double(in_channels, channels)
        self.pool = None
        if depth > 0:
            self.pool = nn.MaxPool2d(2)
            self.inner = Level(channels, 2 * channels, depth - 1)
            self.up = nn.ConvTranspose2d(2 * channels, channels, 2, stride=2)
            self.decode = Double(2 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.encode(x)
        if self.pool is not None:
            pool = self.pool(x)
            inner = self.inner(pool)
            up = self.up(inner)
            cat = torch.cat([x, up], 1)
            x = self.decode(cat)
        return x


class UNet(nn.Module):
    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.net = Level(3, width, 3)
        self.head = nn.Conv2d(width, 2, 1)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        x = self.net(data)
        return self.head(x)


if __name__ == "__main__":
    model = UNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 64, 64)).shape)
