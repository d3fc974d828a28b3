"""Attention of sequences."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.attention import Attending, Attention, MultiHeadAttention, Reading
from netspec.lower.torch.code import Argument, Call, Expr, Literal, Name, Subscript, call
from netspec.lower.torch.registry import Lowered, lowers

MASKED = "MaskedAttention"
PROJECTED = "nn.MultiheadAttention"
PRODUCT = "DotProductAttention"


@lowers(Attention)
def attention(layer: Attention, node: Node) -> Lowered:
    module = call(
        PRODUCT,
        heads=Literal(layer.heads, "heads", 1),
        kv_heads=Literal(layer.key_heads, "kv_heads", layer.heads),
        **_hidden(layer, _reading(layer, node)),
        **({} if layer.scale is None else {"scale": Literal(layer.scale, "scale")}),
        dropout=Literal(layer.dropout_ratio, "dropout", 0.0),
    )
    return Lowered(module, applied=_applied, repeats=_repeats(node), helper=PRODUCT)


@lowers(MultiHeadAttention)
def multi_head_attention(layer: MultiHeadAttention, node: Node) -> Lowered:
    reading = _reading(layer, node)
    width, key, value = layer.channels(reading)
    settings = {
        "dropout": Literal(layer.dropout_ratio, "dropout", 0.0),
        "bias": Literal(layer.bias_term, "bias", True),
        "kdim": Literal(key, "kdim", width),
        "vdim": Literal(value, "vdim", width),
    }
    sizes = [Literal(width, "embed_dim"), Literal(layer.heads, "num_heads")]
    repeats = _repeats(node)
    if layer.causal or reading.mask is not None:
        # PyTorch's own knows masks too, but gives NaN where all keys of a place are masked.
        module = call(MASKED, *sizes, **settings, **_hidden(layer, reading))
        return Lowered(module, applied=_applied, repeats=repeats, helper=MASKED, kind=PROJECTED)
    module = call(PROJECTED, *sizes, **settings, batch_first=Literal(True))
    return Lowered(module, applied=_without_weights, repeats=repeats)


def _reading(layer: Attending, node: Node) -> Reading:
    return layer.reading([blob.type for blob in node.bottoms])


def _hidden(layer: Attending, reading: Reading) -> dict[str, Expr]:
    """What hides keys; what kind of mask there is matters where it is joined with `causal`."""
    additive = reading.mask is not None and reading.mask.dtype != "bool"
    return {
        "causal": Literal(layer.causal, "causal", False),
        "additive": Literal(additive and layer.causal, "additive", False),
    }


def _repeats(node: Node) -> bool:
    """Whether one operand stands for three."""
    return len(node.bottoms) <= 2


def _arguments(operands: Sequence[Expr]) -> list[Expr]:
    """Query, key, value, and the mask if there is one."""
    if len(operands) > 2:
        return [*operands]
    return [*[operands[0]] * 3, *operands[1:]]


def _applied(module: Name, operands: Sequence[Expr]) -> Expr:
    return Call(module, tuple(map(Argument, _arguments(operands))))


def _without_weights(module: Name, operands: Sequence[Expr]) -> Expr:
    """`attn(x, x, x, need_weights=False)[0]`."""
    given = (*map(Argument, _arguments(operands)), Argument(Literal(False), "need_weights"))
    return Subscript(Call(module, given), ("0",))
