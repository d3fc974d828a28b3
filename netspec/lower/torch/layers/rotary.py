"""Rotary embedding."""

from netspec.graph import Node
from netspec.layers.rotary import RotaryEmbedding
from netspec.lower.torch.code import Literal, call
from netspec.lower.torch.registry import Lowered, lowers


@lowers(RotaryEmbedding)
def rotary_embedding(layer: RotaryEmbedding, node: Node) -> Lowered:
    module = call(
        "RotaryEmbedding",
        Literal(layer.head_channels([node.bottoms[0].type]), "head_dim"),
        heads=Literal(layer.heads, "heads", 1),
        base=Literal(layer.base, "base", 10000.0),
        interleaved=Literal(layer.interleaved, "interleaved", False),
    )
    return Lowered(module, helper="RotaryEmbedding")
