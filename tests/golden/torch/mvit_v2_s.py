"""The second version, of fewer channels: what queries and keys have to do with each
other hangs on how far apart they are too, along height, width and time.

Source: Li et al. 2021, MViTv2, Section 4 and Table 1
Input: data, N x 3 x 16 x 224 x 224.
Output: head, N x 400.
34,537,744 parameters, 64.22 GMACs.
Written by netspec 0.2.0 from mvit.yaml, variant mvit_v2_s (sha256 4708abed60fc).
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


class PosEncoding(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.class_token = nn.Parameter(torch.empty(96))

    def forward(self, x: Tensor) -> Tensor:
        places = x.flatten(1, 2)
        one = self.class_token.reshape(1, 1, 96)
        x = one.expand(places.shape[0], -1, -1)
        return torch.cat([x, places], 1)


class Pool(nn.Module):
    def __init__(self, size: int, heads: int, stride: int) -> None:
        super().__init__()
        self.pool = nn.Conv3d(
            96, 96, 3, stride=(1, stride, stride), padding=1, groups=96, bias=False
        )
        self.norm_act = nn.Sequential(nn.LayerNorm(96, eps=1e-06))
        self.size = size
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        class_token, places = x.tensor_split((1,), 1)
        x1 = places.permute(0, 2, 1).reshape(-1, 96, 8, self.size, self.size)
        x4 = self.pool(x1).flatten(2).unflatten(0, (-1, self.heads)).flatten(1, 2)
        pooled = x4.permute(0, 2, 1)
        x = torch.cat([class_token, pooled], 1).unflatten(2, (self.heads, 96))
        x = self.norm_act(x)
        return x.flatten(2)


class RelativePositions(nn.Module):
    def __init__(self, heads: int, size_q: int, size_kv: int, time: int) -> None:
        super().__init__()
        self.distances = nn.Buffer(
            torch.tensor(
                [
                    [
                        q * max(size_kv // size_q, 1)
                        + (size_kv - k - 1) * max(size_q // size_kv, 1)
                        for k in range(size_kv)
                    ]
                    for q in range(size_q)
                ]
            ),
            persistent=False,
        )
        self.delays = nn.Buffer(
            torch.tensor(
                [[q - k + time - 1 for k in range(time)] for q in range(time)]
            ),
            persistent=False,
        )
        self.time = time
        self.size_q = size_q
        self.heads = heads
        self.size_kv = size_kv

    def forward(
        self, places: Tensor, rel_pos_h: Tensor, rel_pos_w: Tensor, rel_pos_t: Tensor
    ) -> Tensor:
        x0 = places.reshape(-1, self.time, self.size_q, self.size_q, self.heads, 96)
        queries = x0.permute(0, 4, 1, 2, 3, 5)
        x = rel_pos_h[self.distances]
        x = queries @ x.transpose(-2, -1)
        x = x.reshape(x.shape[0], self.heads, -1, 1, self.size_kv, 1)
        columns = rel_pos_w[self.distances]
        turned = queries.permute(0, 1, 2, 4, 3, 5)
        x1 = (turned @ columns.transpose(-2, -1)).permute(0, 1, 2, 4, 3, 5)
        w = x1.reshape(x1.shape[0], self.heads, -1, 1, 1, self.size_kv)
        frames = rel_pos_t[self.delays]
        images = queries.flatten(3, 4)
        along_time = images @ frames.transpose(-2, -1)
        t = along_time.reshape(along_time.shape[0], self.heads, -1, self.time, 1, 1)
        x = x.expand(-1, -1, -1, -1, -1, w.shape[5])
        x = x + w
        x = x.expand(-1, -1, -1, t.shape[3], -1, -1)
        return F.pad(F.pad((x + t).flatten(3), (0, 0, 1, 0)), (1, 0))


class Mlp(nn.Sequential):
    def __init__(self, in_features: int, num_output: int) -> None:
        super().__init__(
            nn.Linear(in_features, 4 * in_features),
            nn.GELU(),
            nn.Dropout(0.0),
            nn.Linear(4 * in_features, num_output),
            nn.Dropout(0.0),
        )


class PoolSkip(nn.Module):
    def __init__(self, size: int, stride: int) -> None:
        super().__init__()
        self.pool = nn.MaxPool3d(
            (1, 3, 3), stride=(1, stride, stride), padding=(0, 1, 1)
        )
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        class_token, places = x.tensor_split((1,), 1)
        x1 = places.permute(0, 2, 1).unflatten(2, (8, self.size, self.size))
        pooled = self.pool(x1).flatten(2).permute(0, 2, 1)
        return torch.cat([class_token, pooled], 1)


class Attention(nn.Module):
    def __init__(
        self, in_features: int, size: int, heads: int, stride_q: int, stride_kv: int
    ) -> None:
        super().__init__()
        size_q = size // stride_q
        size_kv = size // stride_kv
        distances = 2 * max(size_q, size_kv) - 1
        self.qkv = nn.Linear(in_features, 3 * heads * 96)
        self.project = nn.Sequential(nn.Linear(heads * 96, heads * 96))
        self.pool_q = Pool(size, heads, stride_q)
        self.pool_k = Pool(size, heads, stride_kv)
        self.pool_v = Pool(size, heads, stride_kv)
        self.rel_pos_h = nn.Parameter(torch.empty(distances, 96))
        self.rel_pos_w = nn.Parameter(torch.empty(distances, 96))
        self.rel_pos_t = nn.Parameter(torch.empty(15, 96))
        self.positions = RelativePositions(
            heads=heads, size_q=size_q, size_kv=size_kv, time=8
        )
        self.values = DotProductAttention(heads=heads)

    def forward(self, x: Tensor) -> Tensor:
        x = self.qkv(x)
        q, k, v = x.chunk(3, 2)
        pool_q = self.pool_q(q)
        pool_k = self.pool_k(k)
        pool_v = self.pool_v(v)
        _, places = pool_q.tensor_split((1,), 1)
        x = self.positions(places, self.rel_pos_h, self.rel_pos_w, self.rel_pos_t)
        x = self.values(pool_q, pool_k, pool_v, x)
        shortcut = F.pad(places, (0, 0, 1, 0))
        x = x + shortcut
        return self.project(x)


class Block(nn.Module):
    def __init__(
        self,
        in_features: int,
        size: int,
        heads: int,
        num_output: int,
        stride_q: int,
        stride_kv: int,
        drop_ratio: float,
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(in_features, eps=1e-06)
        self.norm2 = nn.LayerNorm(num_output, eps=1e-06)
        self.attn = Attention(
            in_features, size=size, heads=heads, stride_q=stride_q, stride_kv=stride_kv
        )
        self.mlp = Mlp(num_output, num_output)
        self.drop1 = DropPath(drop_ratio, rank=3)
        self.project = None
        if in_features != num_output:
            self.project = nn.Linear(in_features, num_output)
        if stride_q > 1:
            self.pool_skip = PoolSkip(size, stride_q)
        self.drop2 = DropPath(drop_ratio, rank=3)

    def forward(self, x: Tensor) -> Tensor:
        norm1 = self.norm1(x)
        attn = self.attn(norm1)
        drop1 = self.drop1(attn)
        if self.project is not None:
            wide = self.project(norm1)
            x = self.pool_skip(wide)
        x = x + drop1
        out = self.norm2(x)
        out = self.mlp(out)
        out = self.drop2(out)
        return x + out


BLOCKS = (
    (4, 1, 96, 1, 8),
    (4, 2, 192, 2, 4),
    (8, 2, 192, 1, 4),
    (8, 4, 384, 2, 2),
    (16, 4, 384, 1, 2),
    (16, 4, 384, 1, 2),
    (16, 4, 384, 1, 2),
    (16, 4, 384, 1, 2),
    (16, 4, 384, 1, 2),
    (16, 4, 384, 1, 2),
    (16, 4, 384, 1, 2),
    (16, 4, 384, 1, 2),
    (16, 4, 384, 1, 2),
    (16, 4, 384, 1, 2),
    (16, 8, 768, 2, 1),
    (32, 8, 768, 1, 1),
)


class MViT(nn.Module):
    def __init__(self, drop_ratio: float = 0.2, num_classes: int = 400) -> None:
        super().__init__()
        self.conv_proj = nn.Conv3d(
            3, 96, (3, 7, 7), stride=(2, 4, 4), padding=(1, 3, 3)
        )
        self.pos_encoding = PosEncoding()
        self.blocks = nn.Sequential()
        width = 96
        for i, (scale, heads, num_output, stride_q, stride_kv) in enumerate(BLOCKS):
            self.blocks.append(
                Block(
                    width,
                    size=224 // scale,
                    heads=heads,
                    num_output=num_output,
                    stride_q=stride_q,
                    stride_kv=stride_kv,
                    drop_ratio=drop_ratio * i / (len(BLOCKS) - 1),
                )
            )
            width = num_output
        self.norm = nn.LayerNorm(768, eps=1e-06)
        self.head = nn.Sequential(nn.Dropout(), nn.Linear(768, num_classes))
        self.init_weights()

    def init_weights(self) -> None:
        """Fill the weights as the spec says."""
        for module in self.modules():
            if isinstance(module, nn.Conv3d):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.LayerNorm):
                module.reset_parameters()
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
        for module in self.modules():
            if isinstance(module, PosEncoding):
                nn.init.normal_(module.get_parameter("class_token"), std=0.02)
        for module in self.modules():
            if isinstance(module, Attention):
                nn.init.normal_(module.get_parameter("rel_pos_h"), std=0.02)
                nn.init.normal_(module.get_parameter("rel_pos_w"), std=0.02)
                nn.init.normal_(module.get_parameter("rel_pos_t"), std=0.02)

    def param_groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """The parameters for an optimizer, by the multipliers of the spec."""
        params = [*self.parameters()]
        return [{"params": params, "lr": lr, "weight_decay": weight_decay}]

    def forward(self, data: Tensor) -> Tensor:
        x = self.conv_proj(data).permute(0, 2, 3, 4, 1).flatten(2, 3)
        x = self.blocks(self.pos_encoding(x))
        x = self.norm(x)[:, 0]
        return self.head(x)


if __name__ == "__main__":
    model = MViT().eval()
    with torch.inference_mode():
        print(model(torch.randn(1, 3, 16, 224, 224)).shape)
