"""Thin residual networks for the 32x32 images of CIFAR-10, and plain ones to compare
with.

Source: He et al. 2015, Deep Residual Learning for Image Recognition, section 4.2
Input: data, N x 3 x 32 x 32. Output: fc, N x 10. 269,722 parameters, 40.55 MMACs.
Written by netspec 0.2.0 from resnet_cifar.yaml, variant resnet20 (sha256 ef2b8efac933).
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Shortcut(nn.Module):
    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.subsample = nn.MaxPool2d(1, stride=2)
        self.padding = (0, 0, 0, 0, 0, channels - in_channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(self.subsample(x), self.padding)


class Basic(nn.Module):
    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            in_channels, channels, 3, stride=stride, padding=1, bias=False
        )
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = None
        if stride != 1:
            self.shortcut = Shortcut(in_channels, channels)
        self.relu2 = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu1(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        shortcut = x if self.shortcut is None else self.shortcut(x)
        out += shortcut
        return self.relu2(out)


class CifarResNet(nn.Module):
    def __init__(self, depth: int = 20, num_classes: int = 10) -> None:
        if (depth - 2) // 6 < 1:
            raise ValueError("(depth - 2) // 6 should be at least 1")
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = nn.Sequential(*(Basic(16, 16) for _ in range((depth - 2) // 6)))
        self.layer2 = nn.Sequential(
            Basic(16, 32, stride=2),
            *(Basic(32, 32) for _ in range((depth - 2) // 6 - 1)),
        )
        self.layer3 = nn.Sequential(
            Basic(32, 64, stride=2),
            *(Basic(64, 64) for _ in range((depth - 2) // 6 - 1)),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(64, num_classes)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(data)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(self.avgpool(x).flatten(1))


if __name__ == "__main__":
    model = CifarResNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 32, 32)).shape)
