"""Residual networks in the manner of transformers, of depthwise convolutions and inner
products.

Source: Liu et al. 2022, A ConvNet for the 2020s, section 3 and Table 9
Input: data, N x 3 x 224 x 224.
Output: classifier, N x 1000.
28,589,128 parameters, 4.456 GMACs.
Written by netspec 0.2.0 from convnext.yaml, variant convnext_tiny (sha256 0df22f5553aa).
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class AxisLayerNorm(nn.Module):
    """Layer normalization over other axes than the last ones."""

    def __init__(
        self,
        normalized_shape: tuple[int, ...],
        axes: tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
    ) -> None:
        super().__init__()
        self.normalized_shape = list(normalized_shape)
        self.axes = list(axes)
        self.last = list(range(-len(axes), 0))
        self.eps = eps
        shape = normalized_shape
        self.weight = nn.Parameter(torch.ones(shape)) if elementwise_affine else None
        self.bias = nn.Parameter(torch.zeros(shape)) if elementwise_affine else None

    def reset_parameters(self) -> None:
        if self.weight is not None and self.bias is not None:
            nn.init.ones_(self.weight)
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(self.axes, self.last)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.movedim(self.last, self.axes)


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


class CnblockBlock(nn.ModuleDict):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self["0"] = nn.Conv2d(
            in_channels, in_channels, 7, padding=3, groups=in_channels
        )
        self["2"] = nn.LayerNorm(in_channels, eps=1e-06)
        self["3"] = nn.Linear(in_channels, 4 * in_channels)
        self["5"] = nn.Linear(4 * in_channels, in_channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self["2"](self["0"](x).permute(0, 2, 3, 1))
        x = F.gelu(self["3"](x))
        return self["5"](x).permute(0, 3, 1, 2)


class Downsampling(nn.Sequential):
    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__(
            AxisLayerNorm((in_channels,), (1,), eps=1e-06),
            nn.Conv2d(in_channels, channels, 2, stride=2),
        )


class Cnblock(nn.Module):
    def __init__(self, in_channels: int, drop: float) -> None:
        super().__init__()
        self.layer_scale = nn.Parameter(torch.full((in_channels, 1, 1), 1e-06))
        self.block = CnblockBlock(in_channels)
        self.stochastic_depth = DropPath(drop)

    def forward(self, x: Tensor) -> Tensor:
        block = self.block(x)
        stochastic_depth = self.stochastic_depth(block * self.layer_scale)
        return stochastic_depth + x


class Stage(nn.Sequential):
    def __init__(
        self, in_channels: int, depth: int, before: int, drop_path: float = 0.1
    ) -> None:
        super().__init__()
        for i in range(depth):
            self.append(
                Cnblock(in_channels, drop_path * (before + i) / (sum(DEPTHS) - 1))
            )


CHANNELS = (96, 192, 384, 768)
DEPTHS = (3, 3, 9, 3)


class ConvNeXt(nn.Module):
    def __init__(self, drop_path: float = 0.1, num_classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Sequential(
                nn.Conv2d(3, 96, 4, stride=4), AxisLayerNorm((96,), (1,), eps=1e-06)
            )
        )
        width = 96
        for i, depth in enumerate(DEPTHS):
            if i > 0:
                self.features.append(Downsampling(width, CHANNELS[i]))
            self.features.append(
                Stage(CHANNELS[i], depth, sum(DEPTHS[:i]), drop_path=drop_path)
            )
            width = CHANNELS[i]
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            AxisLayerNorm((768,), (1,), eps=1e-06),
            nn.Flatten(),
            nn.Linear(768, num_classes),
        )
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, AxisLayerNorm | nn.LayerNorm):
                module.reset_parameters()
        for module in self.modules():
            if isinstance(module, Cnblock):
                nn.init.constant_(module.get_parameter("layer_scale"), 1e-06)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        x = self.features(data)
        x = self.avgpool(x)
        return self.classifier(x)


if __name__ == "__main__":
    model = ConvNeXt().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 224, 224)).shape)
