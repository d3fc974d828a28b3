"""Rotary embedding: places of a sequence as angles."""

from typing import ClassVar

from pydantic import Field

from netspec.counted import counted
from netspec.graph.reach import WHOLE, Reach
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import ElementwiseLayer, Types
from netspec.layers.bottoms import require_known
from netspec.layers.fields import Count
from netspec.layers.sliding import pointwise_but


class RotaryEmbedding(ElementwiseLayer):
    """Turn pairs of channels by angles that grow with their place in the sequence.

    The channels of N×T×C are split into `heads` of d each. Pair i of a head, (a, b), becomes (a·cos
    φ − b·sin φ, b·cos φ + a·sin φ) with φ = t · base^(−2i/d) at the places t = 0, 1, …: products of
    two places then depend on how far these are apart. Pair i is the channels i and i + d/2, or with
    `interleaved` 2i and 2i + 1. It stands before Attention, on query and key. Angles are of float32
    whatever the network computes with.
    """

    family: ClassVar[str] = "attention"
    source: ClassVar[str] = "Su et al. 2021, RoFormer; ONNX's RotaryEmbedding"
    flops_rule: ClassVar[str] = (
        "3 for each element: 4 products and 2 additions for a pair; 3 for each angle, of which "
        "there are d/2 at each place: a product, its cosine and its sine"
    )
    example: ClassVar[str] = """
        inputs: {query: [N, 256, 384]}
        layers:
          - {name: turned, type: RotaryEmbedding, heads: 6}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("RotaryPositionalEmbedding", "RotaryPositionEmbedding")
    field_synonyms: ClassVar[dict[str, str]] = {
        "num_heads": "heads",
        "max_wavelength": "base",
        "theta": "base",
        "rope_theta": "base",
    }

    heads: Count = Field(1, description="the heads that the channels are split into")
    base: float = Field(10000.0, gt=0, description="the base of the angles' speeds")
    interleaved: bool = Field(
        False, description="whether a pair's channels are neighbours, not half a head apart"
    )

    def head_channels(self, bottoms: Types) -> int:
        """The channels of a head."""
        return require_known(self, "the number of channels", bottoms[0].shape[2]) // self.heads

    def pairs(self, bottoms: Types) -> int:
        """The pairs of channels of a head."""
        return self.head_channels(bottoms) // 2

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        return pointwise_but(3, (2,), WHOLE)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        if shape.rank != 3:
            raise LayerError(
                "shape-mismatch", f"RotaryEmbedding reads a sequence N×T×C, not {shape}", bottom=0
            )
        channels = require_known(self, "the number of channels", shape[2])
        if channels % (2 * self.heads):
            raise LayerError(
                "group-mismatch",
                f"the {counted(channels, 'channel')} can't be split into pairs of "
                f"{counted(self.heads, 'head')}",
                field="heads",
            )
        return super().outputs(bottoms)

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = tops[0].shape
        return Work({Kind.ELEMENTWISE: 3 * shape.elements + 3 * shape[1] * self.pairs(bottoms)})
