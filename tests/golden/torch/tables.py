"""Tables.

Input: data, N x 3 x 32 x 32.
Output: down, N x 128 x 8 x 8.
640,476 parameters, 332 MMACs.
Written by netspec 0.2.0 from <string> (sha256 f96b99693b29).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


class Expand(nn.Sequential):
    def __init__(self, in_channels: int, kernel: int, ratio: int, nl: str) -> None:
        super().__init__(
            nn.Conv2d(in_channels, ratio * in_channels, kernel, padding=kernel // 2)
        )
        if nl == "RE":
            self.append(nn.ReLU(inplace=True))
        if nl == "HS":
            self.append(nn.Hardswish(inplace=True))
        self.append(nn.Conv2d(ratio * in_channels, in_channels, 1))


class Stage(nn.Sequential):
    def __init__(
        self, in_channels: int, kernel: int, rows: Sequence[tuple[int, str]]
    ) -> None:
        super().__init__()
        for ratio, nl in rows:
            self.append(Expand(in_channels, kernel=kernel, ratio=ratio, nl=nl))


WIDTHS = (16, 24, 24, 32, 32, 48, 48, 64, 64, 64)
ROWS = (
    (3, 1, 8),
    (5, 2, 8),
    (1, 0, 16),
    (3, 1, 16),
    (5, 2, 24),
    (1, 0, 24),
    (3, 1, 32),
)
ROWS_2 = ((32, 1), (48, 2), (48, 1), (64, 1), (64, 2), (96, 1), (96, 1), (128, 1))


class Tables(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential()
        width = 3
        for kernel_size, pad, num_output in ROWS:
            self.stem.append(nn.Conv2d(width, num_output, kernel_size, padding=pad))
            width = num_output
        self.body = nn.Sequential()
        width_2 = 32
        for width_3 in WIDTHS:
            self.body.append(nn.Conv2d(width_2, width_3, 3, padding=1))
            width_2 = width_3
        self.neck = nn.Sequential(
            nn.Conv2d(64, 48, 1),
            nn.Conv2d(48, 40, 1),
            nn.Conv2d(40, 36, 1),
            nn.Conv2d(36, 32, 1),
            nn.Conv2d(32, 28, 1),
            nn.Conv2d(28, 24, 1),
            nn.Conv2d(24, 20, 1),
            nn.Conv2d(20, 16, 1),
        )
        self.stages = nn.Sequential(
            Stage(16, 3, ((1, "RE"), (4, "RE"), (4, "HS"))),
            Stage(16, 5, ((4, "HS"), (2, "RE"), (4, "HS"))),
        )
        self.down = nn.Sequential()
        width_4 = 16
        for c, s in ROWS_2:
            self.down.append(nn.Conv2d(width_4, c, 3, stride=s, padding=1))
            width_4 = c
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        x = self.stages(self.neck(self.body(self.stem(data))))
        return self.down(x)


if __name__ == "__main__":
    model = Tables().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 32, 32)).shape)
