"""Layers that make a distribution of the values along an axis."""

from typing import ClassVar

from pydantic import Field

from netspec.graph.reach import EVERY, Reach
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.base import ElementwiseLayer, Types
from netspec.layers.bottoms import resolve_axis
from netspec.layers.sliding import pointwise_but


class Softmax(ElementwiseLayer):
    """Exponentials along an axis, scaled to the sum 1.

    y = exp(x − m) / Σ exp(x − m), m the greatest value along the axis. The axis is 1, the
    channels, unless told otherwise, also for an image; Keras takes the last one.
    """

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Caffe's softmax_layer.cpp"
    flops_rule: ClassVar[str] = (
        "5n − 2 for each row of n: n − 1 comparisons, n subtractions, n exponentials, n − 1 "
        "additions, n divisions"
    )
    gives_distribution: ClassVar[bool] = True
    synonyms: ClassVar[tuple[str, ...]] = ("softmax", "Softmax2d", "VoxelSoftmax")
    field_synonyms: ClassVar[dict[str, str]] = {"dim": "axis"}
    saturates: ClassVar[bool] = True

    axis: int = Field(1, description="the axis that sums to 1; negative: from the back")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        return pointwise_but(rank, (self.axis % rank,), EVERY)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        resolve_axis(self, self.axis, bottoms[0].shape)
        return super().outputs(bottoms)

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = tops[0].shape
        behind_first = shape.elements - shape.replace(self.axis, 1).elements
        return Work(
            {
                Kind.SOFTMAX: shape.elements,
                Kind.SOFTMAX_SUM: behind_first,
                Kind.COMPARISON: behind_first,
            }
        )

    def brief(self, bottoms: Types) -> str:
        return "softmax"


class LogSoftmax(ElementwiseLayer):
    """The logarithm of a softmax along an axis: x − m − log Σ exp(x − m), m the greatest value."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "PyTorch's LogSoftmax; the axis as in Caffe's Softmax"
    flops_rule: ClassVar[str] = (
        "5n − 1 for each row of n: n − 1 comparisons, n subtractions, n exponentials, n − 1 "
        "additions, a logarithm, n subtractions"
    )
    synonyms: ClassVar[tuple[str, ...]] = ("log_softmax",)
    field_synonyms: ClassVar[dict[str, str]] = {"dim": "axis"}
    saturates: ClassVar[bool] = True

    axis: int = Field(1, description="the axis of the classes; negative: from the back")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        return pointwise_but(rank, (self.axis % rank,), EVERY)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        resolve_axis(self, self.axis, bottoms[0].shape)
        return super().outputs(bottoms)

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = tops[0].shape
        return Work({Kind.ACTIVATION: 5 * shape.elements - shape.replace(self.axis, 1).elements})
