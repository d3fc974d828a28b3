"""Dilated convolutions of several rates side by side, on a backbone that dilates as
well.

Source: Chen et al. 2017, Rethinking Atrous Convolution, Figure 5; torchvision's
deeplabv3.py
Input: data, N x 3 x H x W.
Outputs: out, N x 21 x H x W; aux, N x 21 x H x W.
42,004,074 parameters, 9408*ceil(H/2)*ceil(W/2) + 245760*ceil(H/4)*ceil(W/4) +
41167360*ceil(H/8)*ceil(W/8) + 524288 MACs.
Written by netspec 0.2.0 from segmentation.yaml, variant deeplabv3_resnet50 (sha256 23c591d77488).
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Projection(nn.Sequential):
    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False),
            nn.BatchNorm2d(channels),
        )


class Atrous(nn.Sequential):
    def __init__(self, in_channels: int, rate: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, 256, 3, padding=rate, dilation=rate, bias=False),
            nn.BatchNorm2d(256),
            nn.ReLU(inplace=True),
        )


class ImagePooling(nn.ModuleDict):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self["1"] = nn.Conv2d(in_channels, 256, 1, bias=False)
        self["2"] = nn.BatchNorm2d(256)

    def forward(self, x: Tensor) -> Tensor:
        x3 = F.relu(self["2"](self["1"](F.adaptive_avg_pool2d(x, 1))), inplace=True)
        return F.interpolate(x3, size=x.shape[2:], mode="bilinear")


class FcnHead(nn.Sequential):
    def __init__(self, in_channels: int, num_classes: int = 21) -> None:
        super().__init__(
            nn.Conv2d(in_channels, in_channels // 4, 3, padding=1, bias=False),
            nn.BatchNorm2d(in_channels // 4),
            nn.ReLU(inplace=True),
            nn.Dropout(0.1),
            nn.Conv2d(in_channels // 4, num_classes, 1),
        )


class Bottleneck(nn.Module):
    def __init__(
        self, in_channels: int, planes: int, stride: int = 1, dilation: int = 1
    ) -> None:
        super().__init__()
        channels = 4 * planes
        self.conv1 = nn.Conv2d(in_channels, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(
            planes,
            planes,
            3,
            stride=stride,
            padding=dilation,
            dilation=dilation,
            bias=False,
        )
        self.bn2 = nn.BatchNorm2d(planes)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv3 = nn.Conv2d(planes, channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(channels)
        self.downsample = None
        if in_channels != channels:
            self.downsample = Projection(in_channels, channels, stride)
        self.relu3 = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu1(self.bn1(self.conv1(x)))
        out = self.relu2(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        shortcut = x if self.downsample is None else self.downsample(x)
        out += shortcut
        return self.relu3(out)


class AsppConvs(nn.ModuleDict):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self["0"] = nn.Sequential(
            nn.Conv2d(in_channels, 256, 1, bias=False),
            nn.BatchNorm2d(256),
            nn.ReLU(inplace=True),
        )
        self["1"] = Atrous(in_channels, 12)
        self["2"] = Atrous(in_channels, 24)
        self["3"] = Atrous(in_channels, 36)
        self["4"] = ImagePooling(in_channels)

    def forward(self, x: Tensor) -> Tensor:
        x0 = self["0"](x)
        x1 = self["1"](x)
        x2 = self["2"](x)
        x3 = self["3"](x)
        x4 = self["4"](x)
        return torch.cat([x0, x1, x2, x3, x4], 1)


class Resnet(nn.Module):
    def __init__(self, in_channels: int, depths: Sequence[int] = (3, 4, 6, 3)) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(
            Bottleneck(64, 64), *(Bottleneck(256, 64) for _ in range(depths[0] - 1))
        )
        self.layer2 = nn.Sequential(
            Bottleneck(256, 128, stride=2),
            *(Bottleneck(512, 128) for _ in range(depths[1] - 1)),
        )
        self.layer3 = nn.Sequential(
            Bottleneck(512, 256),
            *(Bottleneck(1024, 256, dilation=2) for _ in range(depths[2] - 1)),
        )
        self.layer4 = nn.Sequential(
            Bottleneck(1024, 512, dilation=2),
            *(Bottleneck(2048, 512, dilation=4) for _ in range(depths[3] - 1)),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        layer3 = self.layer3(self.layer2(self.layer1(x)))
        layer4 = self.layer4(layer3)
        return layer4, layer3


class Aspp(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.convs = AsppConvs(in_channels)
        self.project = nn.Sequential(
            nn.Conv2d(1280, 256, 1, bias=False),
            nn.BatchNorm2d(256),
            nn.ReLU(inplace=True),
            nn.Dropout(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.project(self.convs(x))


class DeeplabHead(nn.Sequential):
    def __init__(self, in_channels: int, num_classes: int = 21) -> None:
        super().__init__(
            Aspp(in_channels),
            nn.Conv2d(256, 256, 3, padding=1, bias=False),
            nn.BatchNorm2d(256),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, num_classes, 1),
        )


class SegmentationModel(nn.Module):
    def __init__(
        self, depths: tuple[int, int, int, int] = (3, 4, 6, 3), num_classes: int = 21
    ) -> None:
        if min(depths) < 1:
            raise ValueError("each of depths should be at least 1")
        super().__init__()
        self.backbone = Resnet(3, depths=depths)
        self.classifier = DeeplabHead(2048, num_classes=num_classes)
        self.aux_classifier = FcnHead(1024, num_classes=num_classes)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()
        for module in self.modules():
            if isinstance(module, DeeplabHead):
                nn.init.kaiming_normal_(module.get_parameter("4.weight"))
        for module in self.modules():
            if isinstance(module, FcnHead):
                nn.init.kaiming_normal_(module.get_parameter("4.weight"))

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> dict[str, Tensor]:
        deep, early = self.backbone(data)
        classifier = self.classifier(deep)
        out = F.interpolate(classifier, size=data.shape[2:], mode="bilinear")
        aux_classifier = self.aux_classifier(early)
        aux = F.interpolate(aux_classifier, size=data.shape[2:], mode="bilinear")
        return {"out": out, "aux": aux}


if __name__ == "__main__":
    model = SegmentationModel().eval()
    with torch.inference_mode():
        results = model(torch.randn(1, 3, 224, 224))
        for name, result in results.items():
            print(name, result.shape)
