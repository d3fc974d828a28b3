"""Two steps of an LSTM, and what it then says.

Source: Hochreiter and Schmidhuber 1997
Inputs: x0, N x 6; x1, N x 6; h, N x 8; c, N x 8.
Outputs: fc, N x 3; c1, N x 8.
507 parameters, 920 MACs.
Written by netspec 0.2.0 from <string> (sha256 3de0ef68c1e7).
"""

from typing import Any

import torch
from torch import Tensor, nn


class LstmCell(nn.Module):
    def __init__(self, x_features: int, h_features: int, hidden: int) -> None:
        super().__init__()
        self.input_gates = nn.Linear(x_features, 4 * hidden)
        self.hidden_gates = nn.Linear(h_features, 4 * hidden, bias=False)
        self.input_gate = nn.Sigmoid()
        self.forget_gate = nn.Sigmoid()
        self.candidate = nn.Tanh()
        self.output_gate = nn.Sigmoid()
        self.squashed = nn.Tanh()

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        x = self.input_gates(x)
        hidden_gates = self.hidden_gates(h)
        x += hidden_gates
        i, f, g, o = x.chunk(4, 1)
        input_gate = self.input_gate(i)
        forget_gate = self.forget_gate(f)
        candidate = self.candidate(g)
        output_gate = self.output_gate(o)
        kept = forget_gate * c
        added = input_gate * candidate
        c_new = kept + added
        squashed = self.squashed(c_new)
        h_new = output_gate * squashed
        return h_new, c_new


class TwoSteps(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell0 = LstmCell(6, 8, 8)
        self.fc = nn.Linear(8, 3)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(
        self, x0: Tensor, x1: Tensor, h: Tensor, c: Tensor
    ) -> dict[str, Tensor]:
        h0, c0 = self.cell0(x0, h, c)
        h1, c1 = self.cell0(x1, h0, c0)
        fc = self.fc(h1)
        return {"fc": fc, "c1": c1}


if __name__ == "__main__":
    model = TwoSteps().eval()
    with torch.inference_mode():
        results = model(
            torch.randn(1, 6), torch.randn(1, 6), torch.randn(1, 8), torch.randn(1, 8)
        )
        for name, result in results.items():
            print(name, result.shape)
