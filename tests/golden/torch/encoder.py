"""Two layers of a transformer's encoder, whose tokens a matrix mixes instead of
attention.

Source: Dosovitskiy et al. 2021; Tolstikhin et al. 2021
Input: tokens, N x 16 x 24. Output: norm, N x 16 x 24. 10,240 parameters, 159,744 MACs.
Written by netspec 0.2.0 from <string> (sha256 451f6c16a62b).
"""

from typing import Any

import torch
from torch import Tensor, nn


class Mixing(nn.Module):
    def __init__(self, in_length: int) -> None:
        super().__init__()
        self.fc = nn.Linear(in_length, 16)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x.permute(0, 2, 1)).permute(0, 2, 1)


class Mlp(nn.Module):
    def __init__(self, in_features: int, hidden: int, width: int = 24) -> None:
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden)
        self.gelu = nn.GELU()
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.gelu(self.fc1(x))
        return self.fc2(x)


class Layer(nn.Module):
    def __init__(self, in_length: int, in_features: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(in_features)
        self.mixing = Mixing(in_length)
        self.norm2 = nn.LayerNorm(in_features)
        self.mlp = Mlp(in_features, hidden)

    def forward(self, x: Tensor) -> Tensor:
        out = self.norm1(x)
        out = self.mixing(out)
        x = x + out
        out = self.norm2(x)
        out = self.mlp(out)
        return x + out


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(Layer(16, 24, 96), Layer(16, 24, 96))
        self.norm = nn.LayerNorm(24)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.LayerNorm):
                module.reset_parameters()
            elif isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                nn.init.zeros_(module.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.layers(tokens)
        return self.norm(x)


if __name__ == "__main__":
    model = Encoder().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 16, 24)).shape)
