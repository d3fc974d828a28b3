"""A network for segmentation that goes down and up again, with skips across.

Source: Ronneberger et al. 2015
Input: data, N x 1 x 64 x 64.
Output: head, N x 2 x 64 x 64.
29,330 parameters, 25 MMACs.
Written by netspec 0.1.0 from <string> (sha256 964a01b2efbe).
"""

from typing import Any

import torch
from torch import Tensor, nn


class DoubleConv(nn.Module):
    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, padding=1)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.relu2 = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu1(self.conv1(x))
        return self.relu2(self.conv2(x))


class Up(nn.Module):
    def __init__(self, x_channels: int, skip_channels: int, channels: int) -> None:
        super().__init__()
        self.upsample = nn.ConvTranspose2d(x_channels, channels, 2, stride=2)
        self.convs = DoubleConv(skip_channels + channels, channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = self.upsample(x)
        x = torch.cat([skip, x], 1)
        return self.convs(x)


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enc1 = DoubleConv(1, 8)
        self.pool1 = nn.MaxPool2d(2)
        self.enc2 = DoubleConv(8, 16)
        self.pool2 = nn.MaxPool2d(2)
        self.middle = DoubleConv(16, 32)
        self.up2 = Up(32, 16, 16)
        self.up1 = Up(16, 8, 8)
        self.head = nn.Conv2d(8, 2, 1)
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
        enc1 = self.enc1(data)
        pool1 = self.pool1(enc1)
        enc2 = self.enc2(pool1)
        pool2 = self.pool2(enc2)
        middle = self.middle(pool2)
        x = self.up2(middle, enc2)
        x = self.up1(x, enc1)
        return self.head(x)


if __name__ == "__main__":
    model = UNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 1, 64, 64)).shape)
