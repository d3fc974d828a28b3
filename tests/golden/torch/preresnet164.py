"""Residual networks for CIFAR-10 that normalize and activate before each convolution.

Source: He et al. 2016, Identity Mappings in Deep Residual Networks, Figure 1 (b)
Input: data, N x 3 x 32 x 32. Output: fc, N x 10. 1,703,258 parameters, 244.5 MMACs.
Written by netspec 0.2.0 from preresnet.yaml, variant preresnet164 (sha256 ba7c0831d475).
"""

from typing import Any

import torch
from torch import Tensor, nn


class Bottleneck(nn.Module):
    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, channels // 4, 1, stride=stride, bias=False)
        self.bn2 = nn.BatchNorm2d(channels // 4)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels // 4, channels // 4, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(channels // 4)
        self.relu3 = nn.ReLU(inplace=True)
        self.conv3 = nn.Conv2d(channels // 4, channels, 1, bias=False)
        self.projection = None
        if in_channels != channels:
            self.projection = nn.Conv2d(
                in_channels, channels, 1, stride=stride, bias=False
            )

    def forward(self, x: Tensor) -> Tensor:
        relu1 = self.relu1(self.bn1(x))
        out = self.relu2(self.bn2(self.conv1(relu1)))
        out = self.relu3(self.bn3(self.conv2(out)))
        out = self.conv3(out)
        shortcut = x if self.projection is None else self.projection(relu1)
        out += shortcut
        return out


class PreResNet(nn.Module):
    def __init__(self, depth: int = 164, num_classes: int = 10) -> None:
        if (depth - 2) // 9 < 1:
            raise ValueError("(depth - 2) // 9 should be at least 1")
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.layer1 = nn.Sequential(
            Bottleneck(16, 64),
            *(Bottleneck(64, 64) for _ in range((depth - 2) // 9 - 1)),
        )
        self.layer2 = nn.Sequential(
            Bottleneck(64, 128, stride=2),
            *(Bottleneck(128, 128) for _ in range((depth - 2) // 9 - 1)),
        )
        self.layer3 = nn.Sequential(
            Bottleneck(128, 256, stride=2),
            *(Bottleneck(256, 256) for _ in range((depth - 2) // 9 - 1)),
        )
        self.bn = nn.BatchNorm2d(256)
        self.relu = nn.ReLU(inplace=True)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(256, num_classes)
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
        x = self.conv1(data)
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(self.avgpool(self.relu(self.bn(x))).flatten(1))


if __name__ == "__main__":
    model = PreResNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 32, 32)).shape)
