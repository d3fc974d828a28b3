"""Inverted residuals whose first stages expand and convolve at once.

Source: Tan and Le 2021, EfficientNetV2, Table 4
Input: data, N x 3 x 384 x 384.
Output: classifier, N x 1000.
21,458,488 parameters, 8.366 GMACs.
Written by netspec 0.2.0 from efficientnet.yaml, variant efficientnet_v2_s (sha256 edf25300718e).
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


class Conv(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        channels: int,
        kernel_size: int = 1,
        stride: int = 1,
        group: int = 1,
        act: bool = True,
        eps: float = 0.001,
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


class SqueezeExcite(nn.Module):
    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(in_channels, squeeze, 1)
        self.activation = nn.SiLU(inplace=True)
        self.fc2 = nn.Conv2d(squeeze, in_channels, 1)
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
        stride: int,
        drop: float,
        fused: bool = False,
        eps: float = 0.001,
    ) -> None:
        super().__init__()
        hidden = expansion * in_channels
        if not fused:
            self.block = nn.Sequential(
                Conv(in_channels, hidden, eps=eps),
                Conv(
                    hidden,
                    hidden,
                    kernel_size=kernel_size,
                    stride=stride,
                    group=hidden,
                    eps=eps,
                ),
                SqueezeExcite(hidden, max(1, in_channels // 4)),
                Conv(hidden, channels, act=False, eps=eps),
            )
        else:
            self.block = nn.Sequential()
            if expansion != 1:
                self.block.extend(
                    [
                        Conv(
                            in_channels,
                            hidden,
                            kernel_size=kernel_size,
                            stride=stride,
                            eps=eps,
                        ),
                        Conv(hidden, channels, act=False, eps=eps),
                    ]
                )
            else:
                self.block.append(
                    Conv(
                        in_channels,
                        channels,
                        kernel_size=kernel_size,
                        stride=stride,
                        eps=eps,
                    )
                )
        self.stochastic_depth = None
        if stride == 1 and in_channels == channels:
            self.stochastic_depth = DropPath(drop)

    def forward(self, x: Tensor) -> Tensor:
        out = self.block(x)
        if self.stochastic_depth is not None:
            out = self.stochastic_depth(out) + x
        return out


STAGES = (
    (True, 1, 3, 1),
    (True, 4, 3, 2),
    (True, 4, 3, 2),
    (False, 4, 3, 2),
    (False, 6, 3, 1),
    (False, 6, 3, 2),
)
CHANNELS = (24, 48, 64, 128, 160, 256)
BLOCKS = (2, 4, 4, 6, 9, 15)


class EfficientNet(nn.Module):
    def __init__(
        self,
        head: int = 1280,
        eps: float = 0.001,
        drop_path: float = 0.2,
        dropout: float = 0.2,
        num_classes: int = 1000,
    ) -> None:
        super().__init__()
        self.features = nn.Sequential(Conv(3, 24, kernel_size=3, stride=2, eps=eps))
        width = 24
        for s, (fused, expansion, kernel_size, first_stride) in enumerate(STAGES):
            stage = nn.Sequential()
            for i in range(BLOCKS[s]):
                stage.append(
                    Mbconv(
                        width,
                        expansion=expansion,
                        kernel_size=kernel_size,
                        channels=CHANNELS[s],
                        stride=first_stride if i == 0 else 1,
                        drop=drop_path * (sum(BLOCKS[:s]) + i) / sum(BLOCKS),
                        fused=fused,
                        eps=eps,
                    )
                )
                width = CHANNELS[s]
            self.features.append(stage)
        self.features.append(Conv(width, head, eps=eps))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(head, num_classes)
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
                nn.init.kaiming_uniform_(
                    module.weight, mode="fan_out", nonlinearity="linear"
                )
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
    model = EfficientNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 384, 384)).shape)
