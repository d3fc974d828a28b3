"""The eight-layer network that won ILSVRC 2012.

Source: Krizhevsky et al. 2012, ImageNet Classification with Deep Convolutional Neural
Networks
Input: data, N x 3 x 227 x 227.
Output: fc8, N x 1000.
60,965,224 parameters, 724.4 MMACs.
Written by netspec 0.2.0 from alexnet.yaml, variant alexnet (sha256 19d7797035af).
"""

from typing import Any

import torch
from torch import Tensor, nn


class AlexNet(nn.Module):
    def __init__(self, towers: int = 2, num_classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 11, stride=4)
        self.relu1 = nn.ReLU(inplace=True)
        self.norm1 = nn.LocalResponseNorm(5)
        self.pool1 = nn.MaxPool2d(3, stride=2)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2, groups=towers)
        self.relu2 = nn.ReLU(inplace=True)
        self.norm2 = nn.LocalResponseNorm(5)
        self.pool2 = nn.MaxPool2d(3, stride=2)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.relu3 = nn.ReLU(inplace=True)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1, groups=towers)
        self.relu4 = nn.ReLU(inplace=True)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1, groups=towers)
        self.relu5 = nn.ReLU(inplace=True)
        self.pool5 = nn.MaxPool2d(3, stride=2)
        self.fc6 = nn.Linear(9216, 4096)
        self.relu6 = nn.ReLU(inplace=True)
        self.drop6 = nn.Dropout()
        self.fc7 = nn.Linear(4096, 4096)
        self.relu7 = nn.ReLU(inplace=True)
        self.drop7 = nn.Dropout()
        self.fc8 = nn.Linear(4096, num_classes)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, std=0.01)
                if module.bias is not None:
                    nn.init.constant_(module.bias, 0.1)
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.005)
                nn.init.constant_(module.bias, 0.1)
        for layer in (self.conv1, self.conv3):
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        nn.init.normal_(self.fc8.weight, std=0.01)
        nn.init.zeros_(self.fc8.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        named = [*self.named_parameters()]
        weights = [p for name, p in named if not name.endswith(".bias")]
        biases = [p for name, p in named if name.endswith(".bias")]
        return [
            {"params": weights, "lr": lr, "weight_decay": weight_decay},
            {"params": biases, "lr": 2 * lr, "weight_decay": 0.0},
        ]

    def forward(self, data: Tensor) -> Tensor:
        x = self.pool1(self.norm1(self.relu1(self.conv1(data))))
        x = self.pool2(self.norm2(self.relu2(self.conv2(x))))
        x = self.relu3(self.conv3(x))
        x = self.relu4(self.conv4(x))
        x = self.pool5(self.relu5(self.conv5(x)))
        x = self.drop6(self.relu6(self.fc6(x.flatten(1))))
        x = self.drop7(self.relu7(self.fc7(x)))
        return self.fc8(x)


if __name__ == "__main__":
    model = AlexNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 227, 227)).shape)
