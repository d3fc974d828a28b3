"""An hourglass with narrow skips, fitted to one image from noise; margins are zeros
here.

Source: Ulyanov, Vedaldi and Lempitsky 2018, Deep Image Prior; the authors'
models/skip.py
Input: data, N x 32 x 32*H x 32*W.
Output: sigmoid, N x 3 x 32*H x 32*W.
2,217,831 parameters, 302714880*H*W MACs.
Written by netspec 0.2.0 from deep_image_prior.yaml (sha256 62ecdaf9e488).
"""

from typing import Any

import torch
from torch import Tensor, nn


@torch.fx.wrap
def check_multiples(name: str, x: Tensor, multiples: dict[int, int]) -> None:
    """Refuse an input whose size along an axis isn't a multiple of what is given for the axis."""
    for axis, factor in multiples.items():
        if x.shape[axis] % factor != 0:
            raise ValueError(
                f"{name} should have a multiple of {factor} elements along axis {axis}, "
                f"not {x.shape[axis]}"
            )


class Conv(nn.Module):
    def __init__(
        self, in_channels: int, channels: int, kernel_size: int = 3, stride: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, channels, kernel_size, stride=stride, padding=kernel_size // 2
        )
        self.norm = nn.BatchNorm2d(channels)
        self.relu = nn.LeakyReLU(0.2, inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.norm(self.conv(x)))


class Hourglass(nn.Module):
    def __init__(
        self, in_channels: int, scales: int, channels: int = 128, skip_channels: int = 4
    ) -> None:
        super().__init__()
        self.skip = Conv(in_channels, skip_channels, kernel_size=1)
        self.down = Conv(in_channels, channels, stride=2)
        self.conv = Conv(channels, channels)
        self.inner = None
        if scales > 1:
            self.inner = Hourglass(
                channels, scales - 1, channels=channels, skip_channels=skip_channels
            )
        self.enlarged = nn.Upsample(scale_factor=2, mode="bilinear")
        self.norm = nn.BatchNorm2d(skip_channels + channels)
        self.up = Conv(skip_channels + channels, channels)
        self.mix = Conv(channels, channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.skip(x)
        conv = self.conv(self.down(x))
        inner = conv if self.inner is None else self.inner(conv)
        enlarged = self.enlarged(inner)
        x = self.norm(torch.cat([skip, enlarged], 1))
        return self.mix(self.up(x))


class DeepImagePrior(nn.Module):
    def __init__(
        self,
        in_channels: int = 32,
        channels: int = 128,
        skip_channels: int = 4,
        out_channels: int = 3,
    ) -> None:
        super().__init__()
        self.hourglass = Hourglass(
            in_channels, 5, channels=channels, skip_channels=skip_channels
        )
        self.conv = nn.Conv2d(channels, out_channels, 1)
        self.sigmoid = nn.Sigmoid()
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
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
        check_multiples("data", data, {2: 32, 3: 32})
        x = self.hourglass(data)
        return self.sigmoid(self.conv(x))


if __name__ == "__main__":
    model = DeepImagePrior().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 32, 224, 224)).shape)
