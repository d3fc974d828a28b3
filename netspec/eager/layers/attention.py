"""Attention and rotary embedding."""

from netspec.eager.attention import heads_of, joined, scaled_dot_product_attention
from netspec.eager.matrices import linear
from netspec.eager.reductions import stack
from netspec.eager.registry import Use, runs
from netspec.eager.strides import broadcast
from netspec.eager.tensor import Tensor, made
from netspec.eager.views import (
    chunk,
    contiguous,
    flatten,
    narrow,
    permute,
    reshape,
    select,
    squeeze,
    transpose,
    unflatten,
    unsqueeze,
)
from netspec.layers.attention import Attending, Attention, MultiHeadAttention
from netspec.layers.rotary import RotaryEmbedding


def _reading(use: Use) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    mask = use.bottoms[-1] if len(use.bottoms) in (2, 4) else None
    query, key, value = use.bottoms[:3] if len(use.bottoms) > 2 else (use.x,) * 3
    return query, key, value, mask


def _masked(layer: Attending, query: Tensor, key: Tensor, mask: Tensor | None) -> Tensor | None:
    """The mask, where it's joined with what `causal` hides: a new one."""
    if mask is None or not layer.causal:
        return mask
    places = (query.shape[1], key.shape[1])
    future = mask.tape.new(places, "bool")
    return made([mask], broadcast(mask.shape, places), [future])


def _ratio(layer: Attending, use: Use) -> float:
    return layer.dropout_ratio if use.tape.training else 0.0


@runs(Attention)
def attention(layer: Attention, use: Use) -> Tensor:
    query, key, value, mask = _reading(use)
    return joined(
        scaled_dot_product_attention(
            heads_of(query, layer.heads),
            heads_of(key, layer.key_heads),
            heads_of(value, layer.key_heads),
            _masked(layer, query, key, mask),
            _ratio(layer, use),
        )
    )


@runs(MultiHeadAttention)
def multi_head(layer: MultiHeadAttention, use: Use) -> Tensor:
    if layer.causal or len(use.bottoms) in (2, 4):
        return _by_hand(layer, use)
    return _built_in(layer, use)


def _projections(use: Use) -> list[Tensor]:
    packed = use.weight("in_proj_weight")
    if packed is not None:
        return chunk(packed, 3, 0)
    return [use.held(f"{name}_proj_weight") for name in "qkv"]


def _by_hand(layer: MultiHeadAttention, use: Use) -> Tensor:
    query, key, value, mask = _reading(use)
    pairs = zip((query, key, value), _projections(use), strict=True)
    parts = [linear(x, weight) for x, weight in pairs]
    bias = use.weight("in_proj_bias")
    if bias is not None:
        parts = [x + part for x, part in zip(parts, chunk(bias, 3, 0), strict=True)]
    q, k, v = (heads_of(each, layer.heads) for each in parts)
    mask = _masked(layer, query, key, mask)
    x = scaled_dot_product_attention(q, k, v, mask, _ratio(layer, use))
    return linear(joined(x), use.held("out_proj.weight"), use.weight("out_proj.bias"))


def _built_in(layer: MultiHeadAttention, use: Use) -> Tensor:
    """nn.MultiheadAttention, which puts the places first and the batch behind them."""
    query, key, value, _ = _reading(use)
    q, k, v = _packed(use, query, key, value)
    places, batch, width = q.shape
    heads = layer.heads
    assert isinstance(width, int)

    def split(x: Tensor) -> Tensor:
        rows = reshape(x, (x.shape[0], batch * heads, width // heads))
        rows = transpose(rows, 0, 1)
        return reshape(rows, (batch, heads, x.shape[0], width // heads))

    found = scaled_dot_product_attention(split(q), split(k), split(v), None, _ratio(layer, use))
    turned = contiguous(permute(found, (2, 0, 1, 3)))
    rows = reshape(turned, (batch * places, width))
    rows = linear(rows, use.held("out_proj.weight"), use.weight("out_proj.bias"))
    return transpose(reshape(rows, (places, batch, width)), 0, 1)


def _packed(use: Use, query: Tensor, key: Tensor, value: Tensor) -> list[Tensor]:
    """The projections, each in one product with what has the same operand."""
    weight, bias = use.weight("in_proj_weight"), use.weight("in_proj_bias")
    if key is value and query is key:
        x = transpose(query, 0, 1)
        q = k = v = x
    else:
        q, k = transpose(query, 0, 1), transpose(key, 0, 1)
        v = k if value is key else transpose(value, 0, 1)
    if weight is None:
        biases = [None] * 3 if bias is None else chunk(bias, 3, 0)
        every = zip((q, k, v), _projections(use), biases, strict=True)
        return [linear(*each) for each in every]
    width = query.shape[2]
    assert isinstance(width, int)
    if q is k and k is v:
        return _parts(linear(q, weight, bias), 3, width)
    if k is v:
        first, rest = narrow(weight, 0, width), narrow(weight, 0, 2 * width)
        some = (
            (None, None) if bias is None else (narrow(bias, 0, width), narrow(bias, 0, 2 * width))
        )
        return [linear(q, first, some[0]), *_parts(linear(k, rest, some[1]), 2, width)]
    biases = [None] * 3 if bias is None else chunk(bias, 3, 0)
    return [linear(*each) for each in zip((q, k, v), chunk(weight, 3, 0), biases, strict=True)]


def _parts(x: Tensor, count: int, width: int) -> list[Tensor]:
    """Projections that were made in one, one after the other in memory of their own."""
    split = unsqueeze(unflatten(x, -1, (count, width)), 0)
    turned = contiguous(squeeze(transpose(split, 0, -2), -2))
    return [select(turned, 0) for _ in range(count)]


@runs(RotaryEmbedding)
def rotary(layer: RotaryEmbedding, use: Use) -> Tensor:
    x = use.x
    channels = layer.head_channels(use.reads[:1])
    pairs = channels // 2
    split = (layer.heads, pairs, 2) if layer.interleaved else (layer.heads, 2, pairs)
    axis = 4 if layer.interleaved else 3
    shape = (x.shape[1], 1, pairs)
    cos, sin = (use.tape.new(shape, x.dtype) for _ in range(2))
    parted = unflatten(x, 2, split)
    a, b = select(parted, axis), select(parted, axis)
    turned = stack((a * cos + b * sin, b * cos + a * sin), axis)
    return flatten(turned, 2)
