"""A ResNet whose bottlenecks convolve in groups.

Source: Xie et al. 2016, Aggregated Residual Transformations for Deep Neural Networks,
Table 1
Input: data, N x 3 x 224 x 224. Output: fc, N x 1000. 25,028,904 parameters, 4.23 GMACs.
Written by netspec 0.2.0 from resnet.yaml, variant resnext50_32x4d (sha256 9b4c98566532).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


class Projection(nn.Sequential):
    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False),
            nn.BatchNorm2d(channels),
        )


class Bottleneck(nn.Module):
    def __init__(
        self,
        in_channels: int,
        planes: int,
        stride: int = 1,
        groups: int = 32,
        group_width: int = 4,
    ) -> None:
        super().__init__()
        width = planes * group_width // 64 * groups
        channels = 4 * planes
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(
            width, width, 3, stride=stride, padding=1, groups=groups, bias=False
        )
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv3 = nn.Conv2d(width, channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(channels)
        self.downsample = None
        if stride != 1 or in_channels != channels:
            self.downsample = Projection(in_channels, channels, stride=stride)
        self.relu3 = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu1(self.bn1(self.conv1(x)))
        out = self.relu2(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        shortcut = x if self.downsample is None else self.downsample(x)
        out += shortcut
        return self.relu3(out)


class ResNet(nn.Module):
    def __init__(
        self,
        depths: Sequence[int] = (3, 4, 6, 3),
        groups: int = 32,
        group_width: int = 4,
        num_classes: int = 1000,
    ) -> None:
        if min(depths) < 1:
            raise ValueError("each of depths should be at least 1")
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(
            Bottleneck(64, 64, groups=groups, group_width=group_width),
            *(
                Bottleneck(256, 64, groups=groups, group_width=group_width)
                for _ in range(depths[0] - 1)
            ),
        )
        self.layer2 = nn.Sequential(
            Bottleneck(256, 128, stride=2, groups=groups, group_width=group_width),
            *(
                Bottleneck(512, 128, groups=groups, group_width=group_width)
                for _ in range(depths[1] - 1)
            ),
        )
        self.layer3 = nn.Sequential(
            Bottleneck(512, 256, stride=2, groups=groups, group_width=group_width),
            *(
                Bottleneck(1024, 256, groups=groups, group_width=group_width)
                for _ in range(depths[2] - 1)
            ),
        )
        self.layer4 = nn.Sequential(
            Bottleneck(1024, 512, stride=2, groups=groups, group_width=group_width),
            *(
                Bottleneck(2048, 512, groups=groups, group_width=group_width)
                for _ in range(depths[3] - 1)
            ),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(2048, num_classes)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()
            elif isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                nn.init.zeros_(module.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(data))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


if __name__ == "__main__":
    model = ResNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 224, 224)).shape)
