"""Inverted residuals with squeeze and excitation, for phones.

Source: Howard et al. 2019, Searching for MobileNetV3, Tables 1 and 2
Input: data, N x 3 x 224 x 224.
Output: classifier, N x 1000.
5,483,032 parameters, 216.6 MMACs.
Written by netspec 0.2.0 from mobilenet_v3.yaml, variant mobilenet_v3_large (sha256 f944eccc2c3d).
"""

from typing import Any

import torch
from torch import Tensor, nn


class Conv(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        channels: int,
        nl: str,
        kernel_size: int = 1,
        stride: int = 1,
        group: int = 1,
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
            nn.BatchNorm2d(channels, eps=0.001, momentum=0.01),
        )
        if nl == "RE":
            self.append(nn.ReLU(inplace=True))
        if nl == "HS":
            self.append(nn.Hardswish(inplace=True))


class SqueezeExcite(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        quarter = in_channels // 4
        near = max(8, (quarter + 4) // 8 * 8)
        squeeze = near if near >= 0.9 * quarter else near + 8
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(in_channels, squeeze, 1)
        self.activation = nn.ReLU(inplace=True)
        self.fc2 = nn.Conv2d(squeeze, in_channels, 1)
        self.scale_activation = nn.Hardsigmoid()

    def forward(self, x: Tensor) -> Tensor:
        activation = self.activation(self.fc1(self.avgpool(x)))
        scale_activation = self.scale_activation(self.fc2(activation))
        return x * scale_activation


class Bneck(nn.Module):
    def __init__(
        self,
        in_channels: int,
        kernel_size: int,
        exp: int,
        out: int,
        se: bool,
        nl: str,
        stride: int,
    ) -> None:
        super().__init__()
        self.block = nn.Sequential()
        if exp != in_channels:
            self.block.append(Conv(in_channels, exp, nl))
        self.block.append(
            Conv(exp, exp, nl, kernel_size=kernel_size, stride=stride, group=exp)
        )
        if se:
            self.block.append(SqueezeExcite(exp))
        self.block.append(Conv(exp, out, "none"))
        self.has_sum = stride == 1 and in_channels == out

    def forward(self, x: Tensor) -> Tensor:
        out = self.block(x)
        if self.has_sum:
            out = out + x
        return out


SETTINGS = (
    (3, 16, 16, False, "RE", 1),
    (3, 64, 24, False, "RE", 2),
    (3, 72, 24, False, "RE", 1),
    (5, 72, 40, True, "RE", 2),
    (5, 120, 40, True, "RE", 1),
    (5, 120, 40, True, "RE", 1),
    (3, 240, 80, False, "HS", 2),
    (3, 200, 80, False, "HS", 1),
    (3, 184, 80, False, "HS", 1),
    (3, 184, 80, False, "HS", 1),
    (3, 480, 112, True, "HS", 1),
    (3, 672, 112, True, "HS", 1),
    (5, 672, 160, True, "HS", 2),
    (5, 960, 160, True, "HS", 1),
    (5, 960, 160, True, "HS", 1),
)


class MobileNetV3(nn.Module):
    def __init__(
        self, hidden: int = 1280, dropout: float = 0.2, num_classes: int = 1000
    ) -> None:
        super().__init__()
        self.features = nn.Sequential(Conv(3, 16, "HS", kernel_size=3, stride=2))
        width = 16
        for k, exp, out, se, nl, s in SETTINGS:
            self.features.append(
                Bneck(width, kernel_size=k, exp=exp, out=out, se=se, nl=nl, stride=s)
            )
            width = out
        self.features.append(Conv(width, 6 * width, "HS"))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(960, hidden),
            nn.Hardswish(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, num_classes),
        )
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

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        x = self.features(data)
        x = self.avgpool(x).flatten(1)
        return self.classifier(x)


if __name__ == "__main__":
    model = MobileNetV3().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 224, 224)).shape)
