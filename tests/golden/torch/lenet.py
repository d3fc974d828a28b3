"""Two convolutions with max pooling and two inner products, for handwritten digits.

Source: LeCun et al. 1998, Gradient-Based Learning Applied to Document Recognition;
Caffe's lenet.prototxt
Input: data, N x 1 x 28 x 28. Output: ip2, N x 10. 431,080 parameters, 2.293 MMACs.
Written by netspec 0.2.0 from lenet.yaml (sha256 c6ae1e7ebe1b).
"""

from typing import Any

import torch
from torch import Tensor, nn


class LeNet(nn.Module):
    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5)
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(20, 50, 5)
        self.pool2 = nn.MaxPool2d(2)
        self.ip1 = nn.Linear(800, 500)
        self.relu1 = nn.ReLU(inplace=True)
        self.ip2 = nn.Linear(500, num_classes)
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
        named = [*self.named_parameters()]
        weights = [p for name, p in named if not name.endswith(".bias")]
        biases = [p for name, p in named if name.endswith(".bias")]
        return [
            {"params": weights, "lr": lr, "weight_decay": weight_decay},
            {"params": biases, "lr": 2 * lr, "weight_decay": weight_decay},
        ]

    def forward(self, data: Tensor) -> Tensor:
        x = self.pool1(self.conv1(data))
        x = self.pool2(self.conv2(x))
        x = self.relu1(self.ip1(x.flatten(1)))
        return self.ip2(x)


if __name__ == "__main__":
    model = LeNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 1, 28, 28)).shape)
