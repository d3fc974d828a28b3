"""Transformer layers, each of which is told which tokens are there.

Source: Devlin et al. 2018
Inputs: tokens, N x 16 x 32; mask, N x 1 x 1 x 16.
Output: norm, N x 16 x 32.
17,216 parameters, 327,680 MACs.
Written by netspec 0.2.0 from <string> (sha256 3dc2055186fa).
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DotProductAttention(nn.Module):
    """Scaled dot-product attention, with the channels split into heads.

    A mask holds booleans, where true takes part, or what is added to the scores; with
    `causal` it must be said if it's `additive`.
    """

    def __init__(
        self,
        heads: int = 1,
        kv_heads: int | None = None,
        causal: bool = False,
        additive: bool = False,
        scale: float | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.heads = heads
        self.kv_heads = kv_heads or heads
        self.causal = causal
        self.additive = additive
        self.scale = scale
        self.dropout = dropout

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        if self.causal and mask is not None:
            size = (query.shape[1], key.shape[1])
            future = query.new_ones(size, dtype=torch.bool).triu(1)
            mask = mask.masked_fill(future, float("-inf") if self.additive else 0.0)
        x = F.scaled_dot_product_attention(
            query.unflatten(2, (self.heads, -1)).transpose(1, 2),
            key.unflatten(2, (self.kv_heads, -1)).transpose(1, 2),
            value.unflatten(2, (self.kv_heads, -1)).transpose(1, 2),
            attn_mask=mask,
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=self.causal and mask is None,
            scale=self.scale,
            enable_gqa=self.kv_heads != self.heads,
        )
        return x.transpose(1, 2).flatten(2)


class Layer(nn.Module):
    def __init__(self, x_features: int, heads: int) -> None:
        super().__init__()
        self.query = nn.Linear(x_features, 32)
        self.key = nn.Linear(x_features, 32)
        self.value = nn.Linear(x_features, 32)
        self.attention = DotProductAttention(heads=heads)
        self.norm1 = nn.LayerNorm(32)
        self.fc = nn.Linear(32, 32)
        self.gelu = nn.GELU()

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        query = self.query(x)
        key = self.key(x)
        value = self.value(x)
        attention = self.attention(query, key, value, mask)
        x = self.norm1(attention + x)
        out = self.gelu(self.fc(x))
        return out + x


class MaskedEncoder(nn.Module):
    def __init__(self, num_layers: int = 4) -> None:
        if num_layers < 1:
            raise ValueError("num_layers should be at least 1")
        super().__init__()
        self.layers = nn.ModuleList([Layer(32, 4) for _ in range(num_layers)])
        self.norm = nn.LayerNorm(32)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says: msra for weights, zero for biases."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.LayerNorm):
                module.reset_parameters()

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        for layer in self.layers:
            tokens = layer(tokens, mask)
        return self.norm(tokens)


if __name__ == "__main__":
    model = MaskedEncoder().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 16, 32), torch.randn(1, 1, 1, 16)).shape)
