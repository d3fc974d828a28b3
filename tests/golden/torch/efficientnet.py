"""EfficientNet.

Source: Tan and Le 2019, EfficientNet; Tan and Le 2021, EfficientNetV2
Input: data, N x 3 x 224 x 224.
Output: classifier, N x 1000.
5,288,548 parameters, 385.8 MMACs.
Written by netspec 0.2.0 from <string> (sha256 f8a3641401ab).
"""

from typing import Any

import torch
from torch import Tensor, nn


class DropPath(nn.Module):
    """Stochastic depth: in training, zero whole samples and scale up the others."""

    def __init__(self, p: float, rank: int = 4) -> None:
        super().__init__()
        self.p = p
        self.shape = (-1,) + (1,) * (rank - 1)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = x.new_empty((x.shape[0],)).bernoulli_(1 - self.p)
        return x * kept.view(self.shape) / (1 - self.p)


class ConvBn(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        group: int = 1,
        act: bool = True,
        eps: float = 1e-05,
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
            nn.BatchNorm2d(channels, eps=eps),
        )
        if act:
            self.append(nn.SiLU(inplace=True))


class Squeeze(nn.Module):
    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(in_channels, channels, 1)
        self.activation = nn.SiLU(inplace=True)
        self.fc2 = nn.Conv2d(channels, in_channels, 1)
        self.scale_activation = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        activation = self.activation(self.fc1(self.avgpool(x)))
        scale_activation = self.scale_activation(self.fc2(activation))
        return x * scale_activation


class Mbconv(nn.Module):
    def __init__(
        self,
        in_channels: int,
        expansion: int,
        kernel_size: int,
        channels: int,
        drop: float,
        stride: int = 1,
        eps: float = 1e-05,
    ) -> None:
        super().__init__()
        hidden = expansion * in_channels
        self.block = nn.Sequential()
        if expansion != 1:
            self.block.append(ConvBn(in_channels, hidden, kernel_size=1, eps=eps))
        self.block.extend(
            [
                ConvBn(
                    hidden,
                    hidden,
                    kernel_size=kernel_size,
                    stride=stride,
                    group=hidden,
                    eps=eps,
                ),
                Squeeze(hidden, max(1, in_channels // 4)),
                ConvBn(hidden, channels, kernel_size=1, act=False, eps=eps),
            ]
        )
        self.stochastic_depth = None
        if stride == 1 and in_channels == channels:
            self.stochastic_depth = DropPath(drop)

    def forward(self, x: Tensor) -> Tensor:
        out = self.block(x)
        if self.stochastic_depth is not None:
            out = self.stochastic_depth(out) + x
        return out


SETTINGS = (
    (False, 1, 3, 1, 16, 1),
    (False, 6, 3, 2, 24, 2),
    (False, 6, 5, 2, 40, 2),
    (False, 6, 3, 2, 80, 3),
    (False, 6, 5, 1, 112, 3),
    (False, 6, 5, 2, 192, 4),
    (False, 6, 3, 1, 320, 1),
)


class EfficientNet(nn.Module):
    def __init__(
        self,
        num_classes: int = 1000,
        eps: float = 1e-05,
        dropout: float = 0.2,
        survival: float = 0.2,
        head: int = 1280,
    ) -> None:
        super().__init__()
        self.features = nn.Sequential(ConvBn(3, 32, stride=2, eps=eps))
        width = 32
        for s, row in enumerate(SETTINGS):
            _, expansion, kernel_size, stride, channels, count = row
            stage = nn.Sequential()
            for i in range(count):
                stage.append(
                    Mbconv(
                        width,
                        expansion=expansion,
                        kernel_size=kernel_size,
                        channels=channels,
                        drop=survival * s / 7,
                        stride=stride if i == 0 else 1,
                        eps=eps,
                    )
                )
                width = channels
            self.features.append(stage)
        self.features.append(ConvBn(width, head, kernel_size=1, eps=eps))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(head, num_classes)
        )
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
        x = self.features(data)
        x = self.avgpool(x).flatten(1)
        return self.classifier(x)


if __name__ == "__main__":
    model = EfficientNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 224, 224)).shape)
