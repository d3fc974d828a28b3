"""Five stages of small convolutions, each ending in a pooling that halves the image.

Source: Simonyan and Zisserman 2014, Very Deep Convolutional Networks, Table 1
Input: data, N x 3 x 224 x 224.
Output: classifier, N x 1000.
138,357,544 parameters, 15.47 GMACs.
Written by netspec 0.2.0 from vgg.yaml, variant vgg16 (sha256 5a60348bf7ec).
"""

from typing import Any

import torch
from torch import Tensor, nn

DEPTHS = (2, 2, 3, 3, 3)


class VGG(nn.Module):
    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential()
        width = 3
        for stage, depth in enumerate(DEPTHS):
            for _ in range(depth):
                self.features.extend(
                    [
                        nn.Conv2d(width, min(64 * 2**stage, 512), 3, padding=1),
                        nn.ReLU(inplace=True),
                    ]
                )
                width = min(64 * 2**stage, 512)
            self.features.append(nn.MaxPool2d(2))
        self.avgpool = nn.AdaptiveAvgPool2d(7)
        self.classifier = nn.Sequential(
            nn.Linear(25088, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, num_classes),
        )
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        x = self.features(data)
        x = self.avgpool(x).flatten(1)
        return self.classifier(x)


if __name__ == "__main__":
    model = VGG().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 224, 224)).shape)
