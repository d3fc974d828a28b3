"""What a network sees at four sizes, told from the smallest to the largest.

Source: Lin et al. 2017, Figure 3
Input: data, N x 3 x 64 x 64.
Output: levels, N x 48 x 4 x 4.
108,304 parameters, 7.569 MMACs.
Written by netspec 0.2.0 from <string> (sha256 596281d625af).
"""

from typing import Any

import torch
from torch import Tensor, nn


class Stage(nn.Module):
    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, channels, 3, stride=2, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.conv(x))


class Merge(nn.Module):
    def __init__(self, coarse_channels: int) -> None:
        super().__init__()
        self.up = nn.Upsample(scale_factor=2)
        self.conv = nn.Conv2d(coarse_channels, 16, 3, padding=1)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        up = self.up(coarse)
        return self.conv(up + fine)


class Pyramid(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList(
            [Stage(3, 16), Stage(16, 32), Stage(32, 64), Stage(64, 128)]
        )
        self.inner = nn.ModuleList(
            [
                nn.Conv2d(16, 16, 1),
                nn.Conv2d(32, 16, 1),
                nn.Conv2d(64, 16, 1),
                nn.Conv2d(128, 16, 1),
            ]
        )
        self.top_down = nn.ModuleList([Merge(16) for _ in range(3)])
        self.pools = nn.ModuleList([nn.AdaptiveAvgPool2d(4) for _ in range(3)])
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        x = data
        stages = []
        for stage in self.stages:
            x = stage(x)
            stages.append(x)
        inners = [inner(stages[i]) for i, inner in enumerate(self.inner)]
        x = inners[-1]
        top_downs = []
        for i, top_down in enumerate(self.top_down):
            x = top_down(x, inners[-2 - i])
            top_downs.append(x)
        pools = [pool(top_downs[i]) for i, pool in enumerate(self.pools)]
        return torch.cat(pools, 1)


if __name__ == "__main__":
    model = Pyramid().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 64, 64)).shape)
