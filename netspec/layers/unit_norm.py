"""Normalization to length 1 along an axis."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import Field

from netspec.graph.reach import EVERY, Reach
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import Lint
from netspec.layers.base import ElementwiseLayer, Giver, Types
from netspec.layers.bottoms import lint_axis, resolve_axis
from netspec.layers.sliding import pointwise_but


class UnitNorm(ElementwiseLayer):
    """Divide vectors by their length: x / max(sqrt(Σ x²), eps), the sum along an axis.

    Nothing is learned (Normalize has factors). The product of two such vectors is the cosine of the
    angle between them: attention by it is that of Swin Transformer V2. Zeros stay zeros.
    """

    family: ClassVar[str] = "normalization"
    source: ClassVar[str] = "PyTorch's normalize; ONNX's LpNormalization"
    flops_rule: ClassVar[str] = (
        "3n + 1 for each vector of n elements: n squares, n − 1 additions, a root, a comparison "
        "and n divisions"
    )
    example: ClassVar[str] = """
        inputs: {tokens: [N, 256, 384]}
        layers:
          - {name: unit, type: UnitNorm, axis: -1}
    """
    synonyms: ClassVar[tuple[str, ...]] = (
        "normalize",
        "LpNormalization",
        "UnitNormalization",
        "L2Normalization",
        "L2Normalize",
    )
    field_synonyms: ClassVar[dict[str, str]] = {"dim": "axis", "epsilon": "eps"}
    field_notes: ClassVar[dict[str, str]] = {"p": "leave it out: the length is that of `p` 2"}
    saturates: ClassVar[bool] = True
    stated: ClassVar[tuple[str, ...]] = ("axis",)

    axis: int = Field(1, description="the axis of the vectors; negative: from the back")
    eps: float = Field(1e-12, ge=0, description="the least that is divided by")

    def lints(self, bottoms: Types, givers: Sequence[Giver | None]) -> Iterable[Lint]:
        return lint_axis(self, bottoms, "normalizes along axis 1")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        return pointwise_but(rank, (self.axis % rank,), EVERY)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        resolve_axis(self, self.axis, bottoms[0].shape)
        return super().outputs(bottoms)

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = tops[0].shape
        return Work({Kind.NORMALIZATION: 3 * shape.elements + shape.replace(self.axis, 1).elements})
