"""Transformers whose attention stays within windows of 7x7; every other block shifts
them.

Source: Liu et al. 2021, Swin Transformer, Section 3.3
Input: data, N x 3 x 224 x 224.
Output: head, N x 1000.
28,288,354 parameters, 4.491 GMACs.
Written by netspec 0.2.0 from swin.yaml, variant swin_t (sha256 82202316feca).
"""

from typing import Any

import torch
from torch import Tensor, nn


class DropPath(nn.Module):
    """Stochastic depth: in training, zero whole samples and scale up the others."""

    def __init__(self, p: float, rank: int = 4) -> None:
        super().__init__()
        self.p = p
        self.shape = (-1,) + (1,) * (rank - 1)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = x.new_empty((x.shape[0],)).bernoulli_(1 - self.p)
        return x * kept.view(self.shape) / (1 - self.p)


def exceeds(x: Tensor, threshold: float = 0.0) -> Tensor:
    """1 where an element is above the threshold, else 0."""
    return (x > threshold).to(x.dtype)


class Features0(nn.ModuleDict):
    def __init__(self) -> None:
        super().__init__()
        self["0"] = nn.Conv2d(3, 96, 4, stride=4)
        self["2"] = nn.LayerNorm(96)

    def forward(self, x: Tensor) -> Tensor:
        return self["2"](self["0"](x).permute(0, 2, 3, 1))


class Mlp(nn.Sequential):
    def __init__(self, dim: int) -> None:
        super().__init__(
            nn.Linear(dim, 4 * dim),
            nn.GELU(),
            nn.Dropout(0.0),
            nn.Linear(4 * dim, dim),
            nn.Dropout(0.0),
        )


class Mask(nn.Module):
    def __init__(self, size: int, shift: int) -> None:
        super().__init__()
        self.region = nn.Buffer(
            torch.tensor(
                [
                    [
                        3 * (0 if y + 7 < size else 1 if y + shift < size else 2)
                        + (0 if x + 7 < size else 1 if x + shift < size else 2)
                        for x in range(size)
                    ]
                    for y in range(size)
                ],
                dtype=torch.float32,
            ),
            persistent=False,
        )
        self.size = size

    def forward(self) -> Tensor:
        cut = self.region.reshape(self.size // 7, 7, self.size // 7, 7)
        column = cut.permute(0, 2, 1, 3).reshape((self.size // 7) ** 2, 49, 1)
        rows = column.repeat(1, 1, 49)
        columns = rows.permute(0, 2, 1)
        x = -100.0 * exceeds((columns - rows).abs())
        return x.reshape((self.size // 7) ** 2, 1, 49, 49)


class Merging(nn.Module):
    def __init__(self, size: int, dim: int) -> None:
        super().__init__()
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)
        self.norm = nn.LayerNorm(4 * dim)
        self.size = size
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        x = x.reshape(-1, self.size // 2, 2, self.size // 2, 2, self.dim)
        return self.reduction(self.norm(x.permute(0, 1, 3, 4, 2, 5).flatten(3)))


class Attention(nn.Module):
    def __init__(self, dim: int, heads: int, size: int, shift: int) -> None:
        super().__init__()
        self.relative_position_bias_table = nn.Parameter(torch.empty(169, heads))
        self.relative_position_index = nn.Buffer(
            torch.tensor(
                [
                    13 * (i // 343 - i % 49 // 7 + 7 - 1) + i // 49 % 7 - i % 7 + 7 - 1
                    for i in range(2401)
                ]
            )
        )
        self.qkv = nn.Linear(dim, 3 * dim)
        self.mask = None
        if shift > 0:
            self.mask = Mask(size, shift)
        self.attn = nn.Softmax(dim=-1)
        self.proj = nn.Linear(dim, dim)
        self.shifts = (-shift, -shift)
        self.size = size
        self.dim = dim
        self.heads = heads
        self.scale = (dim // heads) ** -0.5
        self.shifts_2 = (shift, shift)

    def forward(self, x: Tensor) -> Tensor:
        if self.mask is not None:
            x = torch.roll(x, shifts=self.shifts, dims=(1, 2))
        x = x.reshape(-1, self.size // 7, 7, self.size // 7, 7, self.dim)
        x = x.permute(0, 1, 3, 2, 4, 5)
        x = self.qkv(x.reshape(-1, (self.size // 7) ** 2, 49, self.dim))
        x = x.unflatten(3, (3 * self.heads, self.dim // self.heads))
        x = x.permute(0, 1, 3, 2, 4)
        q, k, v = x.chunk(3, 2)
        x = q @ k.transpose(-2, -1) * self.scale
        bias = self.relative_position_bias_table[self.relative_position_index]
        bias_of_heads = bias.reshape(49, 49, self.heads).permute(2, 0, 1)
        x = x + bias_of_heads
        if self.mask is not None:
            mask = self.mask()
            x = x + mask
        x = self.attn(x)
        x = (x @ v).permute(0, 1, 3, 2, 4)
        x = self.proj(x.reshape(-1, (self.size // 7) ** 2, 49, self.dim))
        x = x.reshape(-1, self.size // 7, self.size // 7, 7, 7, self.dim)
        x = x.permute(0, 1, 3, 2, 4, 5).reshape(-1, self.size, self.size, self.dim)
        if self.mask is not None:
            x = torch.roll(x, shifts=self.shifts_2, dims=(1, 2))
        return x


class Block(nn.Module):
    def __init__(
        self, size: int, dim: int, heads: int, shift: int = 0, drop_ratio: float = 0
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = Attention(
            dim=dim, heads=heads, size=size, shift=shift if size > 7 else 0
        )
        self.drop1 = DropPath(drop_ratio)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = Mlp(dim)
        self.drop2 = DropPath(drop_ratio)

    def forward(self, x: Tensor) -> Tensor:
        out = self.norm1(x)
        out = self.attn(out)
        out = self.drop1(out)
        x = x + out
        out = self.norm2(x)
        out = self.mlp(out)
        out = self.drop2(out)
        return x + out


DEPTHS = (2, 2, 6, 2)


class SwinTransformer(nn.Module):
    def __init__(self, drop_ratio: float = 0.2, num_classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            Features0(),
            nn.Sequential(
                Block(56, 96, 3, drop_ratio=drop_ratio * 0 / 11),
                Block(56, 96, 3, shift=3, drop_ratio=drop_ratio * 1 / 11),
            ),
            Merging(56, 96),
            nn.Sequential(
                Block(28, 192, 6, drop_ratio=drop_ratio * 2 / 11),
                Block(28, 192, 6, shift=3, drop_ratio=drop_ratio * 3 / 11),
            ),
            Merging(28, 192),
        )
        stage = nn.Sequential()
        for i in range(DEPTHS[2]):
            stage.append(
                Block(
                    14,
                    384,
                    12,
                    shift=3 if i % 2 == 1 else 0,
                    drop_ratio=drop_ratio * (sum(DEPTHS[:2]) + i) / (sum(DEPTHS) - 1),
                )
            )
        self.features.append(stage)
        self.features.extend(
            [
                Merging(14, 384),
                nn.Sequential(
                    Block(7, 768, 24, drop_ratio=drop_ratio * 10 / 11),
                    Block(7, 768, 24, shift=3, drop_ratio=drop_ratio * 11 / 11),
                ),
            ]
        )
        self.norm = nn.LayerNorm(768)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(768, num_classes)
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.uniform_(
                    module.weight, a=-0.14433756729740643, b=0.14433756729740643
                )
                if module.bias is not None:
                    nn.init.uniform_(
                        module.bias, a=-0.14433756729740643, b=0.14433756729740643
                    )
            elif isinstance(module, nn.LayerNorm):
                module.reset_parameters()
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        for module in self.modules():
            if isinstance(module, Attention):
                nn.init.normal_(
                    module.get_parameter("relative_position_bias_table"), std=0.02
                )

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        x = self.features(data)
        return self.head(self.avgpool(self.norm(x).permute(0, 3, 1, 2)).flatten(1))


if __name__ == "__main__":
    model = SwinTransformer().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 224, 224)).shape)
