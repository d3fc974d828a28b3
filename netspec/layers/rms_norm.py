"""Normalization by the root of the mean square."""

from typing import ClassVar

from pydantic import Field

from netspec.graph.fillers import ONES
from netspec.graph.work import Kind, Work
from netspec.layers.answers import Weight
from netspec.layers.base import Types
from netspec.layers.fields import Integers
from netspec.layers.group_norm import AxesNorm


class RMSNorm(AxesNorm):
    """Divide by the root of the mean square over an axis, or over several, then scale.

    y = x / sqrt(mean of x² + eps) · weight, the mean over the axes of `axis`, whose sizes, in their
    order, are the shape of the weight; they must be known. Unlike LayerNorm it subtracts no mean
    and adds no bias, and its default is the last axis, the channels of a sequence. (PyTorch's
    `eps=None` is 1.1920929e-07, that of float32.)
    """

    source: ClassVar[str] = "Zhang and Sennrich 2019; PyTorch's RMSNorm"
    weights_rule: ClassVar[str] = (
        "weight: the sizes of the normalized axes, unless `affine` is false"
    )
    flops_rule: ClassVar[str] = (
        "3n + 2 for each group of n elements: n squares, their mean (n), eps, a root and n "
        "divisions; 1 more for each element if affine"
    )
    example: ClassVar[str] = """
        inputs: {tokens: [N, 256, 384]}
        layers:
          - {name: norm, type: RMSNorm, eps: 1e-6}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("RMSNormalization", "rms_norm")

    axis: Integers = Field(
        -1, description="the axis or the list of axes to normalize over; negative: from the back"
    )
    eps: float = Field(1e-5, ge=0, description="added to the mean square")
    affine: bool = Field(True, description="whether to scale by learned values")

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        sizes = self.sizes(bottoms[0].shape)
        return (Weight("weight", sizes, ONES),) if self.affine else ()

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = tops[0].shape
        return Work(
            {
                Kind.NORMALIZATION: (4 if self.affine else 3) * shape.elements
                + 2 * self.groups(shape)
            }
        )
