"""Vision transformers for ImageNet; an image's patches are the words of a sequence.

Source: Dosovitskiy et al. 2020, An Image is Worth 16x16 Words, Table 1
Input: data, N x 3 x 224 x 224.
Output: heads, N x 1000.
86,567,656 parameters, 17.56 GMACs.
Written by netspec 0.2.0 from vit.yaml, variant vit_b_16 (sha256 770d64eae4b2).
"""

from typing import Any

import torch
from torch import Tensor, nn


class Mlp(nn.Sequential):
    def __init__(
        self, in_features: int, mlp_dim: int = 3072, dropout_ratio: float = 0.0
    ) -> None:
        super().__init__(
            nn.Linear(in_features, mlp_dim),
            nn.GELU(),
            nn.Dropout(dropout_ratio),
            nn.Linear(mlp_dim, in_features),
            nn.Dropout(dropout_ratio),
        )


class Heads(nn.Module):
    def __init__(self, hidden_dim: int = 768, num_classes: int = 1000) -> None:
        super().__init__()
        self.head = nn.Linear(hidden_dim, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x)


class EncoderBlock(nn.Module):
    def __init__(
        self,
        in_features: int,
        num_heads: int = 12,
        mlp_dim: int = 3072,
        dropout_ratio: float = 0.0,
    ) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(in_features, eps=1e-06)
        self.self_attention = nn.MultiheadAttention(
            in_features, num_heads, batch_first=True
        )
        self.dropout = nn.Dropout(dropout_ratio)
        self.ln_2 = nn.LayerNorm(in_features, eps=1e-06)
        self.mlp = Mlp(in_features, mlp_dim=mlp_dim, dropout_ratio=dropout_ratio)

    def forward(self, x: Tensor) -> Tensor:
        out = self.ln_1(x)
        out = self.dropout(self.self_attention(out, out, out, need_weights=False)[0])
        x = out + x
        out = self.ln_2(x)
        out = self.mlp(out)
        return x + out


class EncoderLayers(nn.Sequential):
    def __init__(
        self,
        num_layers: int = 12,
        num_heads: int = 12,
        hidden_dim: int = 768,
        mlp_dim: int = 3072,
        dropout_ratio: float = 0.0,
    ) -> None:
        super().__init__()
        for i in range(num_layers):
            self.add_module(
                f"encoder_layer_{i}",
                EncoderBlock(
                    hidden_dim,
                    num_heads=num_heads,
                    mlp_dim=mlp_dim,
                    dropout_ratio=dropout_ratio,
                ),
            )


class Encoder(nn.Module):
    def __init__(
        self,
        num_layers: int = 12,
        num_heads: int = 12,
        hidden_dim: int = 768,
        mlp_dim: int = 3072,
        dropout_ratio: float = 0.0,
    ) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, 197, hidden_dim))
        self.dropout = nn.Dropout(dropout_ratio)
        self.layers = EncoderLayers(
            num_layers=num_layers,
            num_heads=num_heads,
            hidden_dim=hidden_dim,
            mlp_dim=mlp_dim,
            dropout_ratio=dropout_ratio,
        )
        self.ln = nn.LayerNorm(hidden_dim, eps=1e-06)

    def forward(self, x: Tensor) -> Tensor:
        x = self.dropout(x + self.pos_embedding)
        x = self.layers(x)
        return self.ln(x)


class VisionTransformer(nn.Module):
    def __init__(
        self,
        num_layers: int = 12,
        num_heads: int = 12,
        hidden_dim: int = 768,
        mlp_dim: int = 3072,
        dropout_ratio: float = 0.0,
        num_classes: int = 1000,
    ) -> None:
        if num_layers < 1:
            raise ValueError("num_layers should be at least 1")
        super().__init__()
        self.conv_proj = nn.Conv2d(3, hidden_dim, 16, stride=16)
        self.class_token = nn.Parameter(torch.zeros(1, 1, hidden_dim))
        self.encoder = Encoder(
            num_layers=num_layers,
            num_heads=num_heads,
            hidden_dim=hidden_dim,
            mlp_dim=mlp_dim,
            dropout_ratio=dropout_ratio,
        )
        self.heads = Heads(hidden_dim=hidden_dim, num_classes=num_classes)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_uniform_(module.weight, nonlinearity="linear")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.LayerNorm):
                module.reset_parameters()
            elif isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.normal_(module.bias, std=1e-06)
        for module in self.modules():
            if isinstance(module, nn.MultiheadAttention):
                nn.init.xavier_uniform_(module.in_proj_weight)
                nn.init.zeros_(module.in_proj_bias)
                nn.init.xavier_uniform_(module.out_proj.weight)
                nn.init.zeros_(module.out_proj.bias)
        nn.init.zeros_(self.class_token)
        for module in self.modules():
            if isinstance(module, Encoder):
                nn.init.normal_(module.get_parameter("pos_embedding"), std=0.02)
        for module in self.modules():
            if isinstance(module, Heads):
                nn.init.zeros_(module.get_parameter("head.weight"))
                nn.init.zeros_(module.get_parameter("head.bias"))

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        sequence = self.conv_proj(data).flatten(2).permute(0, 2, 1)
        x = self.class_token.expand(sequence.shape[0], -1, -1)
        x = torch.cat([x, sequence], 1)
        x = self.encoder(x)
        x = x[:, 0]
        return self.heads(x)


if __name__ == "__main__":
    model = VisionTransformer().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 224, 224)).shape)
