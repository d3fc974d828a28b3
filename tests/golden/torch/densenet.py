"""Each layer reads all that those before it made.

Source: Huang et al. 2017
Input: data, N x 3 x 32 x 32.
Output: classifier, N x 10.
49,946 parameters, 29.87 MMACs.
Written by netspec 0.2.0 from <string> (sha256 9cd0a90fea21).
"""

from typing import Any

import torch
from torch import Tensor, nn


class DenseLayer(nn.Module):
    def __init__(self, in_channels: int, growth: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, 4 * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * growth)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        relu2 = self.relu2(self.norm2(self.conv1(self.relu1(self.norm1(x)))))
        conv2 = self.conv2(relu2)
        return torch.cat([x, conv2], 1)


class Transition(nn.Module):
    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, channels, 1, bias=False)
        self.pool = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(self.conv(self.relu(self.norm(x))))


class Denseblock1(nn.Sequential):
    def __init__(self) -> None:
        super().__init__()
        width = 16
        for i in range(6):
            self.add_module(f"denselayer{i}", DenseLayer(width, 8))
            width += 8


class Denseblock2(nn.Sequential):
    def __init__(self) -> None:
        super().__init__()
        width = 32
        for i in range(6):
            self.add_module(f"denselayer{i}", DenseLayer(width, 8))
            width += 8


class DenseNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv0 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.denseblock1 = Denseblock1()
        self.transition1 = Transition(64, 32)
        self.denseblock2 = Denseblock2()
        self.norm5 = nn.BatchNorm2d(80)
        self.relu5 = nn.ReLU(inplace=True)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(80, 10)
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
        x = self.conv0(data)
        x = self.denseblock2(self.transition1(self.denseblock1(x)))
        return self.classifier(self.pool(self.relu5(self.norm5(x))).flatten(1))


if __name__ == "__main__":
    model = DenseNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 32, 32)).shape)
