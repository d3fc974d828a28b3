"""Losses of classification: layers of the TRAIN phase that read scores and what they should say.

Those of distances are in `distance_losses`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.graph.bounds import equal
from netspec.graph.fillers import uppercase
from netspec.graph.sizes import Size
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError, Lint
from netspec.layers.base import Giver, Layer, Types
from netspec.layers.bottoms import resolve_axis
from netspec.layers.elements import ANYTHING, REALS, Elements
from netspec.layers.fitting import advice, alike

Normalization = Annotated[
    Literal["FULL", "VALID", "BATCH_SIZE", "NONE"], BeforeValidator(uppercase)
]
WeightedNormalization = Annotated[
    Literal["FULL", "VALID", "BATCH_SIZE", "NONE", "WEIGHTS"], BeforeValidator(uppercase)
]
ClassWeight = Annotated[float, Field(ge=0)]
Norm = Annotated[Literal["L1", "L2"], BeforeValidator(uppercase)]


class Loss(Layer):
    """The base of losses: a number, the less of which the better."""

    family: ClassVar[str] = "losses"
    shape_rule: ClassVar[str] = "a scalar"
    bottom_count: ClassVar[tuple[int, int | None]] = (2, 2)
    elements: ClassVar[tuple[Elements, ...]] = (REALS, ANYTHING)

    loss_weight: float = Field(1.0, description="its factor in the sum of all losses")


class SoftmaxWithLoss(Loss):
    """Cross-entropy of a softmax: the mean of −log softmax(x)[label].

    Bottoms: scores N×C×… and a label for each position, integers from 0 to C − 1; their shape is
    N×…, or N×1×… as Caffe's tools write it, or any other with as many elements. Labels equal to
    `ignore_label` don't count. The sum is divided by what `normalization` says, but by no less
    than 1: VALID, the positions that count; FULL, all positions; BATCH_SIZE, the product of the
    axes before `axis`, N; NONE, 1.

    With `class_weight` each term of the sum is multiplied by the weight of its label. What the sum
    is divided by stays the same, as in SegNet's Caffe and in Keras; PyTorch divides by the weights
    of the positions that count, which is `normalization: WEIGHTS` (where their sum is 0, so is the
    loss).
    """

    source: ClassVar[str] = "Caffe's softmax_loss_layer.cpp; `class_weight`: SegNet's"
    labels: ClassVar[tuple[int, ...]] = (1,)
    flops_rule: ClassVar[str] = (
        "5n + 1 for each position with n classes: a softmax of 5n − 2, a logarithm, a sum and a "
        "division; with `class_weight` a product more, with WEIGHTS an addition more"
    )
    example: ClassVar[str] = """
        inputs: {data: [N, 784], label: {shape: [N], dtype: int64, phase: TRAIN}}
        layers:
          - {name: scores, type: InnerProduct, num_output: 10, bottom: data}
          - {name: loss, type: SoftmaxWithLoss, bottom: [scores, label], phase: TRAIN}
        outputs: scores
    """
    synonyms: ClassVar[tuple[str, ...]] = (
        "CrossEntropyLoss",
        "SoftmaxCrossEntropyLoss",
        "SparseCategoricalCrossentropy",
        "SoftmaxLoss",
        "CategoricalCrossentropy",
        "CrossEntropy",
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "ignore_index": "ignore_label",
        "dim": "axis",
        "reduction": "normalization",
        "normalize": "normalization",
        "weight": "class_weight",
        "class_weighting": "class_weight",
    }
    synonym_notes: ClassVar[dict[str, str]] = {
        "CategoricalCrossentropy": "(its labels are the numbers of classes, its bottom is no "
        "softmax)",
        "SparseCategoricalCrossentropy": "(its bottom is no softmax)",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "reduction": "`reduction: mean` is `normalization: VALID`, which is so unless given; "
        "`sum` is NONE",
        "normalize": "`normalize: true` is `normalization: VALID`, `false` is BATCH_SIZE",
        "from_logits": "leave it out: the bottom is scores, no softmax",
        "weight": "write `class_weight`; PyTorch divides by the weights: `normalization: WEIGHTS`",
    }
    value_synonyms: ClassVar[dict[str, dict[str, str]]] = {
        "normalization": {"MEAN": "VALID", "SUM": "NONE"}
    }

    axis: int = Field(1, description="the axis of the classes; negative: from the back")
    ignore_label: int | None = Field(None, description="a label that doesn't count")
    normalization: WeightedNormalization = Field("VALID", description="what the sum is divided by")
    class_weight: list[ClassWeight] = Field([], description="a factor for each class; none: all 1")

    @property
    def listed(self) -> int:
        return len(self.class_weight)

    def check(self) -> Iterator[LayerError]:
        if self.normalization == "WEIGHTS" and not self.class_weight:
            yield LayerError(
                "field-conflict",
                "`normalization: WEIGHTS` has no meaning without `class_weight`",
                field="normalization",
            )

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        axis = resolve_axis(self, self.axis, bottoms[0].shape)
        require_labels(self, bottoms, axis)
        classes, count = bottoms[0].shape[axis], len(self.class_weight)
        if count and not equal(classes, count):
            raise LayerError(
                "bad-value",
                f"`class_weight` needs a number for each class: {classes}, not {count}",
                field="class_weight",
            )
        return (bottoms[0].with_shape(),)

    def labels_below(self, bottoms: Types) -> Size | None:
        return bottoms[0].shape[self.axis] if self.ignore_label is None else None

    def lints(self, bottoms: Types, givers: Sequence[Giver | None]) -> Iterable[Lint]:
        if givers[0] is not None and givers[0].layer.gives_distribution:
            yield Lint(
                "softmax-before-loss",
                "`{here}` contains a softmax, but `{0}`, which it reads, is one already",
                "let the loss read the scores",
            )

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = bottoms[0].shape
        each = 1 + bool(self.class_weight) + (self.normalization == "WEIGHTS")
        return Work({Kind.LOSS: 5 * shape.elements + each * shape.replace(self.axis, 1).elements})


class SigmoidCrossEntropyLoss(Loss):
    """Cross-entropy of a sigmoid for each element: −t·log σ(x) − (1 − t)·log(1 − σ(x)).

    Bottoms: scores and targets from 0 to 1, of equal shape (or equally many elements); computed as
    max(x, 0) − x·t + log(1 + exp(−|x|)), which no score overflows. Targets equal to `ignore_label`
    don't count. The sum is divided by what `normalization` says, but by no less than 1:
    BATCH_SIZE, N; VALID, the elements that count; FULL, all elements; NONE, 1.
    """

    source: ClassVar[str] = "Caffe's sigmoid_cross_entropy_loss_layer.cpp"
    flops_rule: ClassVar[str] = (
        "9 for each element: a comparison, a product, a subtraction, an absolute value, an "
        "exponential, two additions, a logarithm; and the sum with its division"
    )
    example: ClassVar[str] = """
        inputs: {data: [N, 784], label: {shape: [N, 20], phase: TRAIN}}
        layers:
          - {name: scores, type: InnerProduct, num_output: 20, bottom: data}
          - {name: loss, type: SigmoidCrossEntropyLoss, bottom: [scores, label], phase: TRAIN}
        outputs: scores
    """
    synonyms: ClassVar[tuple[str, ...]] = ("BCEWithLogitsLoss", "BinaryCrossentropy")
    field_synonyms: ClassVar[dict[str, str]] = {
        "ignore_index": "ignore_label",
        "reduction": "normalization",
        "normalize": "normalization",
    }
    synonym_notes: ClassVar[dict[str, str]] = {
        "BCEWithLogitsLoss": "(it divides by N; `normalization: FULL` by all elements)",
        "BinaryCrossentropy": "(its bottom is no sigmoid)",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "reduction": "`reduction: mean` is `normalization: FULL`, `sum` is NONE",
        "normalize": "`normalize: true` is `normalization: VALID`, `false` is BATCH_SIZE",
        "from_logits": "leave it out: the bottom is scores, no sigmoid",
    }
    value_synonyms: ClassVar[dict[str, dict[str, str]]] = {
        "normalization": {"MEAN": "FULL", "SUM": "NONE"}
    }

    ignore_label: int | None = Field(None, description="a target that doesn't count")
    normalization: Normalization = Field("BATCH_SIZE", description="what the sum is divided by")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        require_equal_elements(self, bottoms, [1])
        return (bottoms[0].with_shape(),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.LOSS: 9 * bottoms[0].shape.elements})


class HingeLoss(Loss):
    """One class against all others: the sum of max(0, 1 − s·x) over all scores, divided by N.

    s is 1 for the score of the label's class and −1 for the others. `norm: L2` sums the squares.
    Bottoms: scores N×C (all axes but the first count as classes) and N labels, integers from 0 to
    C − 1.
    """

    source: ClassVar[str] = "Caffe's hinge_loss_layer.cpp"
    labels: ClassVar[tuple[int, ...]] = (1,)
    flops_rule: ClassVar[str] = (
        "4 for each score: a product, a subtraction, a comparison, and the sum with its division; "
        "L2: a square more"
    )
    example: ClassVar[str] = """
        inputs: {data: [N, 784], label: {shape: [N], dtype: int64, phase: TRAIN}}
        layers:
          - {name: scores, type: InnerProduct, num_output: 10, bottom: data}
          - {name: loss, type: HingeLoss, norm: L2, bottom: [scores, label], phase: TRAIN}
        outputs: scores
    """
    synonyms: ClassVar[tuple[str, ...]] = ("Hinge", "SquaredHinge")
    field_synonyms: ClassVar[dict[str, str]] = {"p": "norm"}
    synonym_notes: ClassVar[dict[str, str]] = {"SquaredHinge": "with `norm: L2`"}

    norm: Norm = Field("L1", description="whether to sum the margins or their squares")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        scores, labels = (bottom.shape for bottom in bottoms)
        if not scores or not equal(labels.elements, scores[0]):
            raise LayerError(
                "shape-mismatch",
                f"HingeLoss needs a label for each item of the batch {scores}, but {{1}} gives "
                f"{labels}",
                bottom=1,
            )
        return (bottoms[0].with_shape(),)

    def labels_below(self, bottoms: Types) -> Size | None:
        scores = bottoms[0].shape
        return scores[1] if scores.rank == 2 else None

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.LOSS: bottoms[0].shape.elements * (4 if self.norm == "L1" else 5)})


def require_labels(layer: Layer, bottoms: Types, axis: int) -> None:
    """A second bottom with an element for each position of the first, whose classes are `axis`."""
    scores, labels = (bottom.shape for bottom in bottoms)
    if scores.rank < 2:
        raise LayerError(
            "shape-mismatch",
            f"{layer.type_name} needs scores N×C×…, but {{0}} gives {scores}",
            bottom=0,
        )
    expected = without(scores, axis)
    if not equal(labels.elements, expected.elements):
        raise LayerError(
            "shape-mismatch",
            f"{layer.type_name} needs a label for each position, {expected}, but {{1}} gives "
            f"{labels}",
            bottom=1,
        )


def without(shape: Shape, axis: int) -> Shape:
    """The shape but for one axis."""
    return shape[:axis] + shape[axis + 1 :]


def require_equal_elements(layer: Layer, bottoms: Types, numbers: Sequence[int]) -> None:
    """Bottoms with as many elements as the first, in batches of equal size."""
    first = bottoms[0].shape
    if not first:
        raise LayerError(
            "shape-mismatch",
            f"{layer.type_name} needs a batch, but {{0}} gives a scalar",
            bottom=0,
        )
    for number in numbers:
        shape = bottoms[number].shape
        if not (alike(first[:1], shape[:1]) and equal(first.elements, shape.elements)):
            raise LayerError(
                "shape-mismatch",
                f"{layer.type_name} compares element by element, but {{0}} gives {first} and "
                f"{{{number}}} {shape}",
                bottom=number,
                help=advice(first, shape, number),
            )
