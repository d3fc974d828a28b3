"""Losses of distances: layers of the TRAIN phase that compare two blobs."""

from typing import ClassVar

from pydantic import Field

from netspec.graph.bounds import equal
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import Types
from netspec.layers.losses import Loss, require_equal_elements


class EuclideanLoss(Loss):
    """Half the mean over the batch of the squared distance: Σ (x − y)² / (2N).

    Bottoms of equal shape (or batches with equally many elements).
    """

    source: ClassVar[str] = "Caffe's euclidean_loss_layer.cpp"
    flops_rule: ClassVar[str] = (
        "3 for each element: a difference, a square, and the sum with its division"
    )
    example: ClassVar[str] = """
        inputs: {data: [N, 784], target: {shape: [N, 10], phase: TRAIN}}
        layers:
          - {name: guess, type: InnerProduct, num_output: 10, bottom: data}
          - {name: loss, type: EuclideanLoss, bottom: [guess, target], phase: TRAIN}
        outputs: guess
    """
    synonyms: ClassVar[tuple[str, ...]] = ("MSELoss", "MeanSquaredError", "L2Loss")
    synonym_notes: ClassVar[dict[str, str]] = {
        "MSELoss": "(it divides the sum by 2N, not by the number of elements)",
        "MeanSquaredError": "(it divides the sum by 2N, not by the number of elements)",
        "L2Loss": "(it divides by N as well)",
    }

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        require_equal_elements(self, bottoms, [1])
        return (bottoms[0].with_shape(),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.LOSS: 3 * bottoms[0].shape.elements})


class SmoothL1Loss(Loss):
    """Huber's loss of Fast R-CNN: Σ w_out·f(w_in·(x − y)) / N.

    f(d) is (sigma·d)² / 2 where |d| < 1 / sigma², else |d| − 0.5 / sigma²: a parabola with
    straight arms. Bottoms: x, y, and if wanted the weights w_in, or w_in and w_out (else 1), all of
    equal shape. (PyTorch's `beta` is 1 / sigma².)
    """

    source: ClassVar[str] = "Girshick 2015, Fast R-CNN (smooth_L1_loss_layer.cpp)"
    flops_rule: ClassVar[str] = (
        "6 for each element: a difference, an absolute value, a comparison, a square, a product, "
        "and the sum with its division; a product more for each of the weights"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (2, 4)
    example: ClassVar[str] = """
        inputs: {data: [N, 784], target: {shape: [N, 4], phase: TRAIN}}
        layers:
          - {name: box, type: InnerProduct, num_output: 4, bottom: data}
          - {name: loss, type: SmoothL1Loss, sigma: 3, bottom: [box, target], phase: TRAIN}
        outputs: box
    """
    synonyms: ClassVar[tuple[str, ...]] = ("HuberLoss", "Huber", "smooth_l1_loss")
    synonym_notes: ClassVar[dict[str, str]] = dict.fromkeys(
        ("HuberLoss", "Huber", "smooth_l1_loss"),
        "(`sigma: s` is a `beta` of 1 / s², and the sum is divided by N)",
    )
    field_notes: ClassVar[dict[str, str]] = {
        "beta": "write `sigma`: 1 / sqrt(beta)",
        "delta": "write `sigma`, 1 / sqrt(delta), and `loss_weight`, delta",
    }

    sigma: float = Field(1.0, gt=0, description="how steep: the parabola ends at ±1 / sigma²")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        require_equal_elements(self, bottoms, range(1, len(bottoms)))
        return (bottoms[0].with_shape(),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.LOSS: bottoms[0].shape.elements * (4 + len(bottoms))})


class ContrastiveLoss(Loss):
    """Draw pairs together that are alike and others apart: Σ over all pairs, divided by 2N.

    A pair with the distance d = ‖a − b‖ costs d² if it is alike, else max(margin − d, 0)²; in the
    `legacy_version` max(margin − d², 0). Bottoms: a and b, N×…, and N numbers that aren't 0 for
    pairs that are alike.
    """

    source: ClassVar[str] = "Hadsell et al. 2006; Caffe's contrastive_loss_layer.cpp"
    flops_rule: ClassVar[str] = (
        "3n + 4 for each pair of n elements: n differences, n squares, n − 1 additions, a root, a "
        "difference, a comparison, a square and a sum; legacy_version: without root and last square"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (3, 3)
    example: ClassVar[str] = """
        inputs: {left: [N, 784], right: [N, 784], alike: {shape: [N], phase: TRAIN}}
        layers:
          - {name: a, type: InnerProduct, num_output: 2, bottom: left}
          - {name: b, reuse: a, bottom: right}
          - {name: loss, type: ContrastiveLoss, bottom: [a, b, alike], phase: TRAIN}
        outputs: [a, b]
    """

    margin: float = Field(1.0, description="the distance from which on others cost nothing")
    legacy_version: bool = Field(False, description="whether others cost max(margin − d², 0)")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        require_equal_elements(self, bottoms, [1])
        batch, pairs = bottoms[0].shape[:1], bottoms[2].shape
        if not equal(pairs.elements, batch.elements):
            raise LayerError(
                "shape-mismatch",
                f"ContrastiveLoss needs a number for each of {batch} pairs, but {{2}} gives "
                f"{pairs}",
                bottom=2,
            )
        return (bottoms[0].with_shape(),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = bottoms[0].shape
        return Work(
            {Kind.LOSS: 3 * shape.elements + shape[:1].elements * (2 if self.legacy_version else 4)}
        )


class TripletLoss(Loss):
    """Draw what is alike nearer than what isn't: Σ max(d(a, p) − d(a, n) + margin, 0) / N.

    Bottoms: anchors a, what is like them, p, and what isn't, n, of equal shape (or batches with
    equally many elements). d is the squared distance; with `squared: false` the distance as
    PyTorch's TripletMarginLoss takes it, ‖x − y + 1e-6‖.
    """

    source: ClassVar[str] = "Schroff et al. 2015, FaceNet; PyTorch's TripletMarginLoss"
    flops_rule: ClassVar[str] = (
        "6n + 2 for each triplet of n elements: for each of two distances n differences, n squares "
        "and n − 1 additions; then a difference, the margin, a comparison and a sum. With "
        "`squared: false` 2n + 2 more: n additions and a root for each distance"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (3, 3)
    example: ClassVar[str] = """
        inputs: {face: [N, 784], same: [N, 784], other: [N, 784]}
        layers:
          - {name: a, type: InnerProduct, num_output: 128, bottom: face}
          - {name: p, reuse: a, bottom: same}
          - {name: n, reuse: a, bottom: other}
          - {name: loss, type: TripletLoss, bottom: [a, p, n], phase: TRAIN}
        outputs: [a, p, n]
    """
    synonyms: ClassVar[tuple[str, ...]] = ("TripletMarginLoss",)
    synonym_notes: ClassVar[dict[str, str]] = {
        "TripletMarginLoss": "with `squared: false` and `margin: 1`"
    }

    margin: float = Field(0.2, ge=0, description="how much nearer what is alike should be")
    squared: bool = Field(True, description="whether distances are squared")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        require_equal_elements(self, bottoms, [1, 2])
        return (bottoms[0].with_shape(),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = bottoms[0].shape
        each, rest = (6, 2) if self.squared else (8, 4)
        return Work({Kind.LOSS: each * shape.elements + shape[:1].elements * rest})
