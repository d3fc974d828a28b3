"""Accuracy: no loss, but read beside one."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from netspec.counted import counted
from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import Condition, LayerError
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import resolve_axis
from netspec.layers.elements import ANYTHING, REALS, Elements
from netspec.layers.fields import Count
from netspec.layers.losses import require_labels


class Accuracy(Layer):
    """The share of positions whose label is among the `top_k` classes with the highest scores.

    Bottoms as SoftmaxWithLoss has them: scores N×C×… and a label for each position. A class with
    the same score as the label's counts as higher. Labels equal to `ignore_label` don't count; if
    none counts, the top is 0. There is no gradient. It may stand in either phase, or in both.

    Where `top` names two, the second is the same share for each class, of the positions with its
    label; 0 where there is none.
    """

    family: ClassVar[str] = "losses"
    source: ClassVar[str] = "Caffe's accuracy_layer.cpp"
    shape_rule: ClassVar[str] = "a scalar; of each class: as many as there are"
    flops_rule: ClassVar[str] = (
        "2n + 1 for each position with n classes: n comparisons with the label's score, n − 1 "
        "additions, a comparison with `top_k`, and the sum with its division; 2 more, additions, "
        "with a second top"
    )
    top_count: ClassVar[tuple[int, int | None]] = (1, 2)
    bottom_count: ClassVar[tuple[int, int | None]] = (2, 2)
    elements: ClassVar[tuple[Elements, ...]] = (REALS, ANYTHING)
    labels: ClassVar[tuple[int, ...]] = (1,)
    example: ClassVar[str] = """
        inputs: {data: [N, 784], label: {shape: [N], dtype: int64}}
        layers:
          - {name: scores, type: InnerProduct, num_output: 10, bottom: data}
          - {name: accuracy, type: Accuracy, bottom: [scores, label]}
        outputs: [scores, accuracy]
    """
    synonyms: ClassVar[tuple[str, ...]] = (
        "TopKCategoricalAccuracy",
        "SparseCategoricalAccuracy",
        "CategoricalAccuracy",
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "k": "top_k",
        "dim": "axis",
        "ignore_index": "ignore_label",
    }
    synonym_notes: ClassVar[dict[str, str]] = {"TopKCategoricalAccuracy": "with `top_k`"}
    saturates: ClassVar[bool] = True

    top_k: Count = Field(1, description="how many classes may be guessed")
    axis: int = Field(1, description="the axis of the classes; negative: from the back")
    ignore_label: int | None = Field(None, description="a label that doesn't count")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        return self.outputs_for(bottoms, 1)

    def outputs_for(self, bottoms: Types, count: int) -> tuple[TensorType, ...]:
        axis = resolve_axis(self, self.axis, bottoms[0].shape)
        require_labels(self, bottoms, axis)
        share = bottoms[0].with_shape()
        return (share, bottoms[0].with_shape(bottoms[0].shape[axis])) if count > 1 else (share,)

    def labels_below(self, bottoms: Types) -> Size | None:
        return bottoms[0].shape[self.axis] if self.ignore_label is None else None

    def conditions(self, bottoms: Types) -> Iterator[Condition]:
        classes = bottoms[0].shape[self.axis]
        error = LayerError(
            "bad-value",
            f"Accuracy's `top_k` is {self.top_k}, but {{0}} has only {counted(classes, 'class')}",
            field="top_k",
        )
        yield Condition(classes - self.top_k + 1, error)

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = bottoms[0].shape
        each = 1 if len(tops) == 1 else 3
        positions = shape.replace(self.axis, 1).elements
        return Work({Kind.COMPARISON: 2 * shape.elements + each * positions})
