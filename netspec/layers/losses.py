"""Losses: layers of the TRAIN phase that read a prediction and what it should have been."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.graph.fillers import upper
from netspec.graph.sizes import Size
from netspec.graph.types import Shape, TensorType
from netspec.layers.base import Layer, LayerError, Types, resolve_axis

Normalization = Annotated[Literal["FULL", "VALID", "BATCH_SIZE", "NONE"], BeforeValidator(upper)]


class SoftmaxWithLoss(Layer):
    """Cross-entropy of a softmax: the mean of −log softmax(x)[label].

    Bottoms: scores N×C×… and labels N×…, integers from 0 to C − 1. Labels equal to
    `ignore_label` don't count. The sum is divided by what `normalization` says: VALID, the
    positions that count (at least 1); FULL, all positions; BATCH_SIZE, N; NONE, 1.
    """

    family: ClassVar[str] = "losses"
    source: ClassVar[str] = "Caffe's softmax_loss_layer.cpp"
    shape_rule: ClassVar[str] = "a scalar"
    flops_rule: ClassVar[str] = (
        "5n + 1 for each position with n classes: a softmax of 5n − 2, a logarithm, a sum and a "
        "division"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (2, 2)
    contains_softmax: ClassVar[bool] = True
    synonyms: ClassVar[tuple[str, ...]] = (
        "CrossEntropyLoss",
        "SoftmaxCrossEntropyLoss",
        "SparseCategoricalCrossentropy",
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "ignore_index": "ignore_label",
        "dim": "axis",
        "reduction": "normalization",
    }

    axis: int = Field(1, description="the axis of the classes; negative: from the back")
    loss_weight: float = Field(1.0, description="its factor in the sum of all losses")
    ignore_label: int | None = Field(None, description="a label that doesn't count")
    normalization: Normalization = Field("VALID", description="what the sum is divided by")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        scores, labels = bottoms
        axis = resolve_axis(self, self.axis, scores.shape)
        expected = Shape(scores.shape.sizes[:axis] + scores.shape.sizes[axis + 1 :])
        if labels.shape != expected:
            raise LayerError(
                "shape-mismatch",
                f"SoftmaxWithLoss needs a label for each position, {expected}, but {{1}} gives "
                f"{labels.shape}",
                bottom=1,
            )
        return (TensorType(Shape(())),)

    def flops(self, bottoms: Types, tops: Types) -> Size:
        shape = bottoms[0].shape
        return 5 * shape.elements + shape.replace(self.axis, 1).elements
