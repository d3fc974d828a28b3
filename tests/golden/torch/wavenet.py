"""Dilated convolutions of sound, all of which have a say in what comes out.

Source: van den Oord et al. 2016, Figure 4
Input: sound, N x 1 x 4000. Output: out, N x 256 x 4000. 63,648 parameters, 250.2 MMACs.
Written by netspec 0.2.0 from <string> (sha256 b8dc02a384b1).
"""

from typing import Any

import torch
from torch import Tensor, nn


class Gated(nn.Module):
    def __init__(self, in_channels: int, dilation: int) -> None:
        super().__init__()
        self.filter = nn.Conv1d(
            in_channels, in_channels, 3, padding=dilation, dilation=dilation
        )
        self.tanh = nn.Tanh()
        self.gate = nn.Conv1d(
            in_channels, in_channels, 3, padding=dilation, dilation=dilation
        )
        self.sigmoid = nn.Sigmoid()
        self.dense = nn.Conv1d(in_channels, in_channels, 1)
        self.skip = nn.Conv1d(in_channels, 64, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        tanh = self.tanh(self.filter(x))
        sigmoid = self.sigmoid(self.gate(x))
        gated = tanh * sigmoid
        out = self.dense(gated)
        residual = out + x
        skip = self.skip(gated)
        return residual, skip


class WaveNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.causal = nn.Conv1d(1, 32, 3, padding=1)
        self.layers = nn.ModuleList()
        for i in range(5):
            self.layers.append(Gated(32, 2**i))
        self.relu = nn.ReLU(inplace=True)
        self.out = nn.Conv1d(64, 256, 1)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Conv1d):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, sound: Tensor) -> Tensor:
        x = self.causal(sound)
        skips = []
        for layer in self.layers:
            x, skip = layer(x)
            skips.append(skip)
        return self.out(self.relu(torch.stack(skips).sum(0)))


if __name__ == "__main__":
    model = WaveNet().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 1, 4000)).shape)
