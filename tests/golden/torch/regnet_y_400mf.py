"""Stages of bottlenecks whose widths follow a line, with squeeze and excitation in the
Y family.

Source: Radosavovic et al. 2020, Designing Network Design Spaces, Figures 16 and 17
Input: data, N x 3 x 224 x 224. Output: fc, N x 1000. 4,344,144 parameters, 401.8 MMACs.
Written by netspec 0.2.0 from regnet.yaml, variant regnet_y_400mf (sha256 745c90445799).
"""

from typing import Any

import torch
from torch import Tensor, nn


class Conv(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        channels: int,
        kernel_size: int = 1,
        stride: int = 1,
        group: int = 1,
        act: bool = True,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                channels,
                kernel_size,
                stride=stride,
                padding=kernel_size // 2,
                groups=group,
                bias=False,
            ),
            nn.BatchNorm2d(channels),
        )
        if act:
            self.append(nn.ReLU(inplace=True))


class SqueezeExcite(nn.Module):
    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(in_channels, squeeze, 1)
        self.activation = nn.ReLU(inplace=True)
        self.fc2 = nn.Conv2d(squeeze, in_channels, 1)
        self.scale_activation = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        activation = self.activation(self.fc1(self.avgpool(x)))
        scale_activation = self.scale_activation(self.fc2(activation))
        return x * scale_activation


class BlockF(nn.Module):
    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int,
        group_width: int = 8,
        se_ratio: float = 0.25,
    ) -> None:
        super().__init__()
        self.a = Conv(in_channels, channels)
        self.b = Conv(
            channels,
            channels,
            kernel_size=3,
            stride=stride,
            group=channels // min(group_width, channels),
        )
        self.se = SqueezeExcite(channels, round(se_ratio * in_channels))
        self.c = Conv(channels, channels, act=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.c(self.se(self.b(self.a(x))))


class Block(nn.Module):
    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int = 1,
        group_width: int = 8,
        se_ratio: float = 0.25,
    ) -> None:
        super().__init__()
        self.proj = None
        if stride != 1 or in_channels != channels:
            self.proj = Conv(in_channels, channels, stride=stride, act=False)
        self.f = BlockF(
            in_channels, channels, stride, group_width=group_width, se_ratio=se_ratio
        )
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.proj is None else self.proj(x)
        out = self.f(x)
        return self.activation(shortcut + out)


class Stage(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        stage: int,
        channels: int,
        depth: int,
        group_width: int = 8,
        se_ratio: float = 0.25,
    ) -> None:
        super().__init__()
        width = in_channels
        for i in range(depth):
            self.add_module(
                f"block{stage}-{i}",
                Block(
                    width,
                    channels,
                    stride=2 if i == 0 else 1,
                    group_width=group_width,
                    se_ratio=se_ratio,
                ),
            )
            width = channels


class TrunkOutput(nn.Sequential):
    def __init__(self, group_width: int = 8, se_ratio: float = 0.25) -> None:
        super().__init__()
        width = 32
        for i, (channels, depth) in enumerate(STAGES):
            self.add_module(
                f"block{i + 1}",
                Stage(
                    width,
                    stage=i + 1,
                    channels=channels,
                    depth=depth,
                    group_width=group_width,
                    se_ratio=se_ratio,
                ),
            )
            width = channels


STAGES = ((48, 1), (104, 3), (208, 6), (440, 6))


class RegNet(nn.Module):
    def __init__(
        self, group_width: int = 8, se_ratio: float = 0.25, num_classes: int = 1000
    ) -> None:
        super().__init__()
        self.stem = Conv(3, 32, kernel_size=3, stride=2)
        self.trunk_output = TrunkOutput(group_width=group_width, se_ratio=se_ratio)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(440, num_classes)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)
        for module in self.modules():
            if isinstance(module, SqueezeExcite):
                nn.init.kaiming_normal_(module.get_parameter("fc1.weight"))
                nn.init.kaiming_normal_(module.get_parameter("fc2.weight"))

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        x = self.trunk_output(self.stem(data))
        return self.fc(self.avgpool(x).flatten(1))


if __name__ == "__main__":
    model = RegNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 224, 224)).shape)
