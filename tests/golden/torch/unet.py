"""U-Net as most implementations have it, which pads, for scores as large as the image.

Source: Ronneberger, Fischer and Brox 2015, U-Net, Figure 1
Input: data, N x 1 x 16*H x 16*W.
Output: score, N x 2 x 16*H x 16*W.
31,030,658 parameters, 187875328*H*W MACs.
Written by netspec 0.2.0 from unet.yaml, variant unet (sha256 79d7a078a85b).
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


class Double(nn.Module):
    def __init__(self, in_channels: int, features: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, features, 3, padding=1)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(features, features, 3, padding=1)
        self.relu2 = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu1(self.conv1(x))
        return self.relu2(self.conv2(x))


class Level(nn.Module):
    def __init__(self, x_channels: int, skip_channels: int, features: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(x_channels, features, 2, stride=2)
        self.conv = Double(skip_channels + features, features)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = self.up(x)
        x = torch.cat([skip, x], 1)
        return self.conv(x)


class UNet(nn.Module):
    def __init__(
        self, in_channels: int = 1, num_classes: int = 2, channels: int = 64
    ) -> None:
        super().__init__()
        self.down1 = Double(in_channels, channels)
        self.pool1 = nn.MaxPool2d(2)
        self.down2 = Double(channels, 2 * channels)
        self.pool2 = nn.MaxPool2d(2)
        self.down3 = Double(2 * channels, 4 * channels)
        self.pool3 = nn.MaxPool2d(2)
        self.down4 = Double(4 * channels, 8 * channels)
        self.pool4 = nn.MaxPool2d(2)
        self.lowest = Double(8 * channels, 16 * channels)
        self.dropout = nn.Dropout()
        self.up4 = Level(16 * channels, 8 * channels, 8 * channels)
        self.up3 = Level(8 * channels, 4 * channels, 4 * channels)
        self.up2 = Level(4 * channels, 2 * channels, 2 * channels)
        self.up1 = Level(2 * channels, channels, channels)
        self.score = nn.Conv2d(channels, num_classes, 1)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        check_multiples("data", data, {2: 16, 3: 16})
        down1 = self.down1(data)
        pool1 = self.pool1(down1)
        down2 = self.down2(pool1)
        pool2 = self.pool2(down2)
        down3 = self.down3(pool2)
        pool3 = self.pool3(down3)
        down4 = self.down4(pool3)
        pool4 = self.pool4(down4)
        lowest = self.lowest(pool4)
        dropout = self.dropout(lowest)
        x = self.up4(dropout, down4)
        x = self.up3(x, down3)
        x = self.up2(x, down2)
        x = self.up1(x, down1)
        return self.score(x)


if __name__ == "__main__":
    model = UNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 1, 224, 224)).shape)
