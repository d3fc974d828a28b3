"""A residual network for small images.

Source: He et al. 2015
Input: data, N x 3 x 16 x 16. Output: fc, N x 10. 5,614 parameters, 527,440 MACs.
Written by netspec 0.2.0 from <string> (sha256 f4aa09a98670).
"""

from typing import Any

import torch
from torch import Tensor, nn


class Projection(nn.Sequential):
    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False),
            nn.BatchNorm2d(channels),
        )


class Basic(nn.Module):
    def __init__(self, in_channels: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            in_channels, planes, 3, stride=stride, padding=1, bias=False
        )
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = None
        if stride != 1 or in_channels != planes:
            self.downsample = Projection(in_channels, planes, stride=stride)
        self.relu2 = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu1(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        shortcut = x if self.downsample is None else self.downsample(x)
        out += shortcut
        return self.relu2(out)


class SmallResNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = nn.Sequential(*(Basic(4, 4) for _ in range(3)))
        self.layer2 = nn.Sequential(
            Basic(4, 8, stride=2), *(Basic(8, 8) for _ in range(3))
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, 10)
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
        x = self.layer2(self.layer1(x))
        return self.fc(self.avgpool(x).flatten(1))


if __name__ == "__main__":
    model = SmallResNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 16, 16)).shape)
