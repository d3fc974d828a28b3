"""Losses, and Accuracy, which has no gradient."""

from netspec.eager import losses, pointwise
from netspec.eager.pointwise import clamp, power, square, where
from netspec.eager.reductions import norm, sum_of
from netspec.eager.registry import Use, runs
from netspec.eager.tensor import Tensor
from netspec.eager.views import cast, flatten, movedim, reshape, unsqueeze
from netspec.graph.sizes import product
from netspec.layers.accuracy import Accuracy
from netspec.layers.distance_losses import (
    ContrastiveLoss,
    EuclideanLoss,
    SmoothL1Loss,
    TripletLoss,
)
from netspec.layers.losses import (
    HingeLoss,
    SigmoidCrossEntropyLoss,
    SoftmaxWithLoss,
)


@runs(SoftmaxWithLoss)
def softmax_with_loss(layer: SoftmaxWithLoss, use: Use) -> Tensor:
    scores, labels = use.bottoms
    axis = layer.axis % scores.rank
    places = scores.shape[:axis] + scores.shape[axis + 1 :]
    labels = cast(reshape(labels, places), "int64")
    if axis != 1:
        scores = movedim(scores, [axis], [1])
    if layer.class_weight:
        each = losses.cross_entropy(scores, labels, whole=False)
        total = sum_of(use.tape.new(labels.shape, each.dtype) * each)
        counted = each.dtype if layer.normalization == "WEIGHTS" else "int64"
        known = layer.normalization not in ("VALID", "WEIGHTS")
        return total / (1 if known else use.tape.new((), counted))
    found = losses.cross_entropy(scores, labels)
    everything_counts = layer.ignore_label is None
    if layer.normalization == "NONE":
        return found
    if everything_counts and layer.normalization in ("VALID", "FULL"):
        return found
    return found / (use.tape.new((), "int64") if layer.normalization == "VALID" else 1)


@runs(SigmoidCrossEntropyLoss)
def sigmoid_cross_entropy_loss(layer: SigmoidCrossEntropyLoss, use: Use) -> Tensor:
    scores, targets = use.x, _like(use, 1)
    normalization = layer.normalization
    if layer.ignore_label is None and normalization in ("NONE", "VALID", "FULL"):
        return losses.compared(scores, targets)
    counted = use.tape.new(scores.shape, scores.dtype)
    found = losses.compared(scores, targets, counted)
    return found / (use.tape.new((), scores.dtype) if normalization == "VALID" else 1)


def _like(use: Use, number: int) -> Tensor:
    """A further bottom in the shape of the first, and in its type where the graph has another."""
    found = use.bottoms[number]
    if use.reads[number].dtype != use.reads[0].dtype:
        found = cast(found, use.x.dtype)
    return reshape(found, use.x.shape)


@runs(HingeLoss)
def hinge_loss(layer: HingeLoss, use: Use) -> Tensor:
    scores = use.x
    if scores.rank != 2:
        scores = flatten(scores, 1) if scores.rank > 2 else unsqueeze(scores, 1)
    signs = use.tape.new(scores.shape, scores.dtype)
    return sum_of(power(clamp(1 - signs * scores))) / 1


@runs(EuclideanLoss)
def euclidean_loss(layer: EuclideanLoss, use: Use) -> Tensor:
    return losses.compared(use.x, _like(use, 1)) / 1


@runs(SmoothL1Loss)
def smooth_l1_loss(layer: SmoothL1Loss, use: Use) -> Tensor:
    x, y, *weights = (_like(use, number) for number in range(len(use.bottoms)))
    if weights:
        x, y = weights[0] * x, weights[0] * y
    cost = losses.compared(x, y, None, False)
    if len(weights) > 1:
        cost = weights[1] * cost
    return sum_of(cost) / 1


@runs(ContrastiveLoss)
def contrastive_loss(layer: ContrastiveLoss, use: Use) -> Tensor:
    a, b, alike = use.x, _like(use, 1), flatten(use.bottoms[2], 0)
    rows = _rows(a + b)
    are_alike = pointwise.compared(alike, 0)
    if layer.legacy_version:
        distance = sum_of(square(rows), [1])
        return sum_of(where(are_alike, distance, clamp(1 - distance))) / 1
    distance = norm(rows, [1])
    return sum_of(square(where(are_alike, distance, clamp(1 - distance)))) / 1


def _rows(x: Tensor) -> Tensor:
    return reshape(x, (x.shape[0], product(list(x.shape[1:]))))


@runs(TripletLoss)
def triplet_loss(layer: TripletLoss, use: Use) -> Tensor:
    anchor, *others = (_like(use, number) for number in range(3))
    if layer.squared:
        near, far = (sum_of(_rows(square(anchor + each)), [1]) for each in others)
        return sum_of(clamp(near + far + layer.margin))
    return losses.triplet_margin(*map(_rows, (anchor, *others)))


@runs(Accuracy)
def accuracy(layer: Accuracy, use: Use) -> tuple[Tensor, ...]:
    return tuple(use.tape.new(shape, use.x.dtype) for shape in use.shapes)
