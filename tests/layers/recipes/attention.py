"""Attention, MultiHeadAttention, RotaryEmbedding."""

from hypothesis import strategies as st

from netspec.graph import Size
from tests.layers.recipes.recipe import (
    Draw,
    Fields,
    Input,
    Kind,
    Recipe,
    Sizes,
    Use,
    at,
    divisors,
    numbers,
    some,
)
from tests.layers.recipes.shapes import SEQUENCES, N

SEQUENCE: Sizes = (N, 5, 8)
COUNTED = "on a CPU it counts no products of scaled_dot_product_attention"


def attention(draw: Draw, shape: Sizes) -> Use:
    """Of the sequence itself, or with keys and values of another."""
    channels = at(shape[2])
    heads = draw(divisors(channels))
    fields: Fields = {"heads": heads} if heads > 1 else {}
    fields |= some(draw, causal=st.booleans(), scale=numbers(0.1, 2), dropout_ratio=st.just(0.1))
    if draw(st.booleans()):
        return Use(fields, _mask(draw, shape, heads, shape[1]))
    kv_heads = draw(divisors(heads))
    if kv_heads < heads:
        fields["kv_heads"] = kv_heads
    keys, width = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    key = Input((shape[0], keys, channels // heads * kv_heads))
    value = Input((shape[0], keys, width * kv_heads))
    return Use(fields, (key, value, *_mask(draw, shape, heads, keys)))


def multi_head_attention(draw: Draw, shape: Sizes) -> Use:
    heads = draw(divisors(at(shape[2])))
    fields: Fields = {"heads": heads}
    fields |= some(draw, causal=st.booleans(), bias_term=st.booleans())
    if draw(st.booleans()):
        return Use(fields, _mask(draw, shape, heads, shape[1]))
    keys = draw(st.integers(1, 6))
    widths = [shape[2] if draw(st.booleans()) else draw(st.integers(1, 6)) for _ in "kv"]
    further = tuple(Input((shape[0], keys, width)) for width in widths)
    return Use(fields, further + _mask(draw, shape, heads, keys))


def rotary(draw: Draw, shape: Sizes) -> Use:
    pairs = at(shape[2]) // 2
    heads = draw(divisors(pairs)) if pairs else 1  # of an odd number it's refused
    fields: Fields = {"heads": heads} if heads > 1 else {}
    return Use(fields | some(draw, base=numbers(2, 100), interleaved=st.booleans()))


def _mask(draw: Draw, shape: Sizes, heads: int, keys: Size) -> tuple[Input, ...]:
    """None, or one of any shape that is stretched."""
    if draw(st.booleans()):
        return ()
    whole = (shape[0], heads, shape[1], keys)
    rank = draw(st.sampled_from([2, 4]))
    sizes = tuple(size if draw(st.booleans()) else 1 for size in whole[4 - rank :])
    kinds: list[Kind] = ["real", "mask"]
    return (Input(sizes, draw(st.sampled_from(kinds))),)


RECIPES = {
    "Attention": Recipe(
        attention,
        SEQUENCES,
        {"heads": [1, 2, 4], "causal": [False, True], "scale": [None, 0.5]},
        SEQUENCE,
        further=(Input((N, 1, 1, 5), "mask"),),
        counted=COUNTED,
    ),
    "MultiHeadAttention": Recipe(
        multi_head_attention,
        SEQUENCES,
        # Without biases torch.jit.script doesn't take PyTorch's own.
        {"heads": [1, 2, 4], "causal": [False, True]},
        SEQUENCE,
        {"heads": 1},
        counted=COUNTED,
    ),
    "RotaryEmbedding": Recipe(
        rotary,
        SEQUENCES,
        {"heads": [1, 2, 4], "interleaved": [False, True], "base": [10000.0, 10.0]},
        SEQUENCE,
    ),
}
