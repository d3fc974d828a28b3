"""RegNet.

Input: data, N x 3 x 224 x 224. Output: fc, N x 1000. 3,124,896 parameters, 291.6 MMACs.
Written by netspec 0.2.0 from <string> (sha256 bb878e475fb2).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


class ConvNorm(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                channels,
                kernel_size,
                stride=stride,
                padding=kernel_size // 2,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(channels),
        )


class SqueezeExcite(nn.Module):
    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(in_channels, squeeze, 1)
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = nn.Conv2d(squeeze, in_channels, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        relu = self.relu(self.fc1(self.avgpool(x)))
        sigmoid = self.sigmoid(self.fc2(relu))
        return x * sigmoid


class YBlock(nn.Module):
    def __init__(
        self,
        in_channels: int,
        width: int,
        group_width: int,
        se_ratio: float,
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.proj = None
        if stride != 1 or in_channels != width:
            self.proj = ConvNorm(in_channels, width, kernel_size=1, stride=stride)
        self.a = ConvNorm(in_channels, width, kernel_size=1)
        self.relu_a = nn.ReLU()
        self.b = ConvNorm(width, width, stride=stride, groups=width // group_width)
        self.relu_b = nn.ReLU()
        self.se = SqueezeExcite(width, round(se_ratio * in_channels))
        self.c = ConvNorm(width, width, kernel_size=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.proj is None else self.proj(x)
        out = self.a(x)
        out = self.relu_a(out)
        out = self.b(out)
        out = self.relu_b(out)
        out = self.c(self.se(out))
        return self.relu(out + shortcut)


class Trunk(nn.Sequential):
    def __init__(
        self,
        widths: Sequence[int] = (32, 64, 160, 384),
        group_width: int = 16,
        se_ratio: float = 0.25,
    ) -> None:
        super().__init__()
        width = 32
        for s, depth in enumerate(DEPTHS):
            stage = nn.Sequential()
            for i in range(depth):
                stage.append(
                    YBlock(
                        width,
                        width=widths[s],
                        group_width=group_width,
                        se_ratio=se_ratio,
                        stride=2 if i == 0 else 1,
                    )
                )
                width = widths[s]
            self.add_module(f"block{s + 1}", stage)


DEPTHS = (1, 3, 7, 5)


class RegNet(nn.Module):
    def __init__(
        self,
        widths: tuple[int, int, int, int] = (32, 64, 160, 384),
        group_width: int = 16,
        se_ratio: float = 0.25,
        num_classes: int = 1000,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(ConvNorm(3, 32, stride=2), nn.ReLU())
        self.trunk = Trunk(widths=widths, group_width=group_width, se_ratio=se_ratio)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(widths[3], num_classes)
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
        x = self.trunk(self.stem(data))
        return self.fc(self.avgpool(x).flatten(1))


if __name__ == "__main__":
    model = RegNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 224, 224)).shape)
