"""Dense blocks, in which every layer reads what all layers before it have made.

Source: Huang et al. 2017, Densely Connected Convolutional Networks, Table 1
Input: data, N x 3 x 224 x 224.
Output: classifier, N x 1000.
7,978,856 parameters, 2.834 GMACs.
Written by netspec 0.2.0 from densenet.yaml, variant densenet121 (sha256 0351ffd460ea).
"""

from typing import Any

import torch
from torch import Tensor, nn


class DenseLayer(nn.Module):
    def __init__(self, in_channels: int, growth_rate: int = 32) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, 4 * growth_rate, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * growth_rate)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(4 * growth_rate, growth_rate, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        relu2 = self.relu2(self.norm2(self.conv1(self.relu1(self.norm1(x)))))
        conv2 = self.conv2(relu2)
        return torch.cat([x, conv2], 1)


class Transition(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, in_channels // 2, 1, bias=False)
        self.pool = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(self.conv(self.relu(self.norm(x))))


class DenseBlock(nn.Sequential):
    def __init__(self, in_channels: int, depth: int, growth_rate: int = 32) -> None:
        super().__init__()
        width = in_channels
        for i in range(depth):
            self.add_module(
                f"denselayer{i + 1}", DenseLayer(width, growth_rate=growth_rate)
            )
            width += growth_rate


class Features(nn.Module):
    def __init__(self, growth_rate: int = 32) -> None:
        super().__init__()
        self.conv0 = nn.Conv2d(3, 2 * growth_rate, 7, stride=2, padding=3, bias=False)
        self.norm0 = nn.BatchNorm2d(2 * growth_rate)
        self.relu0 = nn.ReLU(inplace=True)
        self.pool0 = nn.MaxPool2d(3, stride=2, padding=1)
        self.denseblock1 = DenseBlock(2 * growth_rate, 6, growth_rate=growth_rate)
        self.transition1 = Transition(8 * growth_rate)
        self.denseblock2 = DenseBlock(4 * growth_rate, 12, growth_rate=growth_rate)
        self.transition2 = Transition(16 * growth_rate)
        self.denseblock3 = DenseBlock(8 * growth_rate, 24, growth_rate=growth_rate)
        self.transition3 = Transition(32 * growth_rate)
        self.denseblock4 = DenseBlock(16 * growth_rate, 16, growth_rate=growth_rate)
        self.norm5 = nn.BatchNorm2d(32 * growth_rate)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool0(self.relu0(self.norm0(self.conv0(x))))
        x = self.transition2(self.denseblock2(self.transition1(self.denseblock1(x))))
        x = self.denseblock4(self.transition3(self.denseblock3(x)))
        return self.norm5(x)


class DenseNet(nn.Module):
    def __init__(self, growth_rate: int = 32, num_classes: int = 1000) -> None:
        super().__init__()
        self.features = Features(growth_rate=growth_rate)
        self.relu = nn.ReLU()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(32 * growth_rate, num_classes)
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
        return self.classifier(self.avgpool(self.relu(x)).flatten(1))


if __name__ == "__main__":
    model = DenseNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 224, 224)).shape)
