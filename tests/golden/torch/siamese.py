"""Two images go through the same tower, and what it makes of them is compared.

Source: Chopra et al. 2005
Inputs: left, N x 1 x 28 x 28; right, N x 1 x 28 x 28.
Output: distance, N.
427,072 parameters, 4.578 MMACs.
Written by netspec 0.2.0 from <string> (sha256 4163f1505fbf).
"""

from typing import Any

import torch
from torch import Tensor, nn


class Tower(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 20, 5)
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(20, 50, 5)
        self.pool2 = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(800, 500)
        self.relu1 = nn.ReLU(inplace=True)
        self.feat = nn.Linear(500, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool1(self.conv1(x))
        x = self.pool2(self.conv2(x))
        x = self.relu1(self.fc1(x.flatten(1)))
        return self.feat(x)


class Siamese(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tower = Tower(1)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        tower = self.tower(left)
        tower_p = self.tower(right)
        return (tower - tower_p).square().sum(1)


if __name__ == "__main__":
    model = Siamese().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 1, 28, 28), torch.randn(1, 1, 28, 28)).shape)
