"""An image and the numbers that go with it.

Inputs: image, N x 3 x 32 x 32; facts, N x 10.
Output: fc, N x 5.
6,821 parameters, 5.163 MMACs.
Written by netspec 0.2.0 from <string> (sha256 cdfc2e79062f).
"""

from typing import Any

import torch
from torch import Tensor, nn


class TwoInputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.relu2 = nn.ReLU(inplace=True)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Linear(10, 32)
        self.relu3 = nn.ReLU(inplace=True)
        self.fc2 = nn.Linear(32, 32)
        self.relu4 = nn.ReLU(inplace=True)
        self.fc = nn.Linear(64, 5)
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

    def forward(self, image: Tensor, facts: Tensor) -> Tensor:
        relu1 = self.relu1(self.conv1(image))
        flat = self.pool(self.relu2(self.conv2(relu1))).flatten(1)
        relu3 = self.relu3(self.fc1(facts))
        relu4 = self.relu4(self.fc2(relu3))
        return self.fc(torch.cat([flat, relu4], 1))


if __name__ == "__main__":
    model = TwoInputs().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 32, 32), torch.randn(1, 10)).shape)
