"""Causal transformers; behind each word of a text come the scores of the next.

Source: Radford et al. 2019, Language Models are Unsupervised Multitask Learners, Table
2
Inputs: words, N x 1024; next_words, N x 1024 (TRAIN only).
Outputs: lm_head, N x 1024 x 50257; loss, scalar (TRAIN only).
124,439,808 parameters, 145.8 GMACs.
Written by netspec 0.2.0 from gpt2.yaml, variant gpt2 (sha256 97d8e6561053).
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


class TransposedLinear(nn.Module):
    """A linear layer whose weight is stored as inputs x outputs."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_features, out_features))
        self.bias = nn.Parameter(torch.empty(out_features)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.kaiming_uniform_(self.weight.T, nonlinearity="linear")
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = x @ self.weight
        return x if self.bias is None else x + self.bias


class Attention(nn.Module):
    def __init__(
        self, dim: int, num_heads: int = 12, dropout_ratio: float = 0.1
    ) -> None:
        super().__init__()
        self.c_attn = TransposedLinear(dim, 3 * dim)
        self.attended = DotProductAttention(
            heads=num_heads, causal=True, dropout=dropout_ratio
        )
        self.c_proj = TransposedLinear(dim, dim)
        self.resid_dropout = nn.Dropout(dropout_ratio)

    def forward(self, x: Tensor) -> Tensor:
        x = self.c_attn(x)
        q, k, v = x.chunk(3, 2)
        return self.resid_dropout(self.c_proj(self.attended(q, k, v)))


class Mlp(nn.Module):
    def __init__(self, dim: int, dropout_ratio: float = 0.1) -> None:
        super().__init__()
        self.c_fc = TransposedLinear(dim, 4 * dim)
        self.act = nn.GELU(approximate="tanh")
        self.c_proj = TransposedLinear(4 * dim, dim)
        self.dropout = nn.Dropout(dropout_ratio)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.c_fc(x))
        return self.dropout(self.c_proj(x))


class Block(nn.Module):
    def __init__(
        self, in_features: int, num_heads: int = 12, dropout_ratio: float = 0.1
    ) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(in_features)
        self.attn = Attention(
            in_features, num_heads=num_heads, dropout_ratio=dropout_ratio
        )
        self.ln_2 = nn.LayerNorm(in_features)
        self.mlp = Mlp(in_features, dropout_ratio=dropout_ratio)

    def forward(self, x: Tensor) -> Tensor:
        out = self.ln_1(x)
        out = self.attn(out)
        x = x + out
        out = self.ln_2(x)
        out = self.mlp(out)
        return x + out


class GPT2(nn.Module):
    def __init__(
        self,
        num_words: int = 50257,
        num_positions: int = 1024,
        dim: int = 768,
        num_heads: int = 12,
        dropout_ratio: float = 0.1,
    ) -> None:
        super().__init__()
        self.wte = nn.Embedding(num_words, dim)
        self.positions = nn.Buffer(
            torch.tensor(
                [[place for place in range(num_positions)] for text in range(1)]
            ),
            persistent=False,
        )
        self.wpe = nn.Embedding(num_positions, dim)
        self.drop = nn.Dropout(dropout_ratio)
        self.h = nn.Sequential(
            *(
                Block(dim, num_heads=num_heads, dropout_ratio=dropout_ratio)
                for _ in range(12)
            )
        )
        self.ln_f = nn.LayerNorm(dim)
        self.lm_head = nn.Linear(dim, num_words, bias=False)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says."""
        self.lm_head.weight = self.wte.weight
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
            elif isinstance(module, nn.LayerNorm):
                module.reset_parameters()
            elif isinstance(module, TransposedLinear):
                nn.init.normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        for module in self.modules():
            if isinstance(module, Attention):
                nn.init.normal_(
                    module.get_parameter("c_proj.weight"), std=0.004082482904638631
                )
        for module in self.modules():
            if isinstance(module, Mlp):
                nn.init.normal_(
                    module.get_parameter("c_proj.weight"), std=0.004082482904638631
                )

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(
        self, words: Tensor, next_words: Tensor | None = None
    ) -> Tensor | dict[str, Tensor]:
        wte = self.wte(words)
        x = self.wpe(self.positions[:, : words.shape[1]])
        x = self.drop(wte + x)
        x = self.h(x)
        lm_head = self.lm_head(self.ln_f(x))
        if self.training and next_words is not None:
            loss = F.cross_entropy(lm_head.movedim(2, 1), next_words)
            return {"lm_head": lm_head, "loss": loss}
        return lm_head


if __name__ == "__main__":
    model = GPT2().eval()
    with torch.inference_mode():
        print(model(torch.zeros((1, 1024), dtype=torch.int64)).shape)
