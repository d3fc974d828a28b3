"""Inception modules, each with four branches of different reach, joined by channel.

Source: Szegedy et al. 2014, Going Deeper with Convolutions, Table 1 and section 5
Inputs: data, N x 3 x 224 x 224; label, N (TRAIN only).
Outputs: fc, N x 1000; aux1, N x 1000 (TRAIN only); aux2, N x 1000 (TRAIN only); loss,
scalar (TRAIN only); loss1, scalar (TRAIN only); loss2, scalar (TRAIN only).
6,998,552 parameters, 1.583 GMACs.
Written by netspec 0.2.0 from googlenet.yaml, variant googlenet (sha256 4aee462716ae).
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Conv(nn.Module):
    def __init__(
        self,
        in_channels: int,
        num_output: int,
        kernel_size: int = 1,
        stride: int = 1,
        pad: int = 0,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, num_output, kernel_size, stride=stride, padding=pad
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.conv(x))


class Inception(nn.Module):
    def __init__(
        self, in_channels: int, c1: int, r3: int, c3: int, r5: int, c5: int, pool: int
    ) -> None:
        super().__init__()
        self.branch1 = Conv(in_channels, c1)
        self.branch2 = nn.Sequential(
            Conv(in_channels, r3), Conv(r3, c3, kernel_size=3, pad=1)
        )
        self.branch3 = nn.Sequential(
            Conv(in_channels, r5), Conv(r5, c5, kernel_size=5, pad=2)
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1), Conv(in_channels, pool)
        )

    def forward(self, x: Tensor) -> Tensor:
        branch1 = self.branch1(x)
        branch2 = self.branch2(x)
        branch3 = self.branch3(x)
        branch4 = self.branch4(x)
        return torch.cat([branch1, branch2, branch3, branch4], 1)


class Auxiliary(nn.Module):
    def __init__(self, in_channels: int, num_classes: int = 1000) -> None:
        super().__init__()
        self.avgpool = nn.AvgPool2d(5, stride=3)
        self.conv = Conv(in_channels, 128)
        self.fc1 = nn.Linear(2048, 1024)
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(0.7)
        self.fc2 = nn.Linear(1024, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(x)
        x = self.conv(x)
        x = self.dropout(self.relu(self.fc1(x.flatten(1))))
        return self.fc2(x)


class GoogLeNet(nn.Module):
    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = Conv(3, 64, kernel_size=7, stride=2, pad=3)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.norm1 = nn.LocalResponseNorm(5)
        self.conv2 = Conv(64, 64)
        self.conv3 = Conv(64, 192, kernel_size=3, pad=1)
        self.norm2 = nn.LocalResponseNorm(5)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception3a = Inception(192, c1=64, r3=96, c3=128, r5=16, c5=32, pool=32)
        self.inception3b = Inception(256, c1=128, r3=128, c3=192, r5=32, c5=96, pool=64)
        self.maxpool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception4a = Inception(480, c1=192, r3=96, c3=208, r5=16, c5=48, pool=64)
        self.inception4b = Inception(512, c1=160, r3=112, c3=224, r5=24, c5=64, pool=64)
        self.inception4c = Inception(512, c1=128, r3=128, c3=256, r5=24, c5=64, pool=64)
        self.inception4d = Inception(512, c1=112, r3=144, c3=288, r5=32, c5=64, pool=64)
        self.inception4e = Inception(
            528, c1=256, r3=160, c3=320, r5=32, c5=128, pool=128
        )
        self.maxpool4 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception5a = Inception(
            832, c1=256, r3=160, c3=320, r5=32, c5=128, pool=128
        )
        self.inception5b = Inception(
            832, c1=384, r3=192, c3=384, r5=48, c5=128, pool=128
        )
        self.aux1 = Auxiliary(512, num_classes=num_classes)
        self.aux2 = Auxiliary(528, num_classes=num_classes)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(1024, num_classes)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: xavier for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_uniform_(module.weight, nonlinearity="linear")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(
        self, data: Tensor, label: Tensor | None = None
    ) -> Tensor | dict[str, Tensor]:
        x = self.conv1(data)
        x = self.norm1(self.maxpool1(x))
        x = self.conv3(self.conv2(x))
        x = self.maxpool2(self.norm2(x))
        x = self.inception3b(self.inception3a(x))
        x = self.maxpool3(x)
        inception4a = self.inception4a(x)
        inception4d = self.inception4d(self.inception4c(self.inception4b(inception4a)))
        inception4e = self.inception4e(inception4d)
        maxpool4 = self.maxpool4(inception4e)
        inception5b = self.inception5b(self.inception5a(maxpool4))
        fc = self.fc(self.dropout(self.avgpool(inception5b).flatten(1)))
        if self.training:
            aux1 = self.aux1(inception4a)
            aux2 = self.aux2(inception4d)
            if label is not None:
                loss = F.cross_entropy(fc, label)
                loss1 = F.cross_entropy(aux1, label)
                loss2 = F.cross_entropy(aux2, label)
                return {
                    "fc": fc,
                    "aux1": aux1,
                    "aux2": aux2,
                    "loss": loss,
                    "loss1": loss1,
                    "loss2": loss2,
                }
            return {"fc": fc, "aux1": aux1, "aux2": aux2}
        return fc


if __name__ == "__main__":
    model = GoogLeNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 224, 224)).shape)
