"""Losses: layers of the TRAIN phase that read a prediction and what it should have been."""

from collections.abc import Sequence

from netspec.graph import Node, TensorType
from netspec.layers.accuracy import Accuracy
from netspec.layers.distance_losses import (
    ContrastiveLoss,
    EuclideanLoss,
    SmoothL1Loss,
    TripletLoss,
)
from netspec.layers.losses import HingeLoss, SigmoidCrossEntropyLoss, SoftmaxWithLoss, without
from netspec.layers.multi_box_loss import MultiBoxLoss
from netspec.lower.torch.code import Expr, Literal, Name, Operation, call, method
from netspec.lower.torch.layers.constant import lists
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.registry import Lowered, lowers

IGNORED = -100
"""PyTorch's `ignore_index`, which no label has."""


@lowers(SoftmaxWithLoss)
def softmax_with_loss(layer: SoftmaxWithLoss, node: Node) -> Lowered:
    axis = layer.axis % node.bottoms[0].shape.rank
    ignored = IGNORED if layer.ignore_label is None else layer.ignore_label
    ignore = {"ignore_index": Literal(ignored, "ignore_index", IGNORED)}
    weights = [lists(layer.class_weight)] if layer.class_weight else []
    reduction = None if weights else _reduction(layer)
    helper = "weighted_cross_entropy" if weights else "normalized_cross_entropy"

    def loss(operands: Sequence[Expr]) -> Expr:
        scores, labels = _classified(operands, node, axis)
        if reduction is not None:
            return call("F.cross_entropy", scores, labels, **ignore, reduction=reduction)
        settings = _divisor(operands, axis, layer.normalization)
        return call(helper, scores, labels, *weights, **settings, **ignore)

    return Lowered(function=loss, helper="" if reduction else helper)


@lowers(SigmoidCrossEntropyLoss)
def sigmoid_cross_entropy_loss(layer: SigmoidCrossEntropyLoss, node: Node) -> Lowered:
    reduction = None if layer.ignore_label is not None else _reduction(layer)
    name = "F.binary_cross_entropy_with_logits" if reduction else "sigmoid_cross_entropy"

    def loss(operands: Sequence[Expr]) -> Expr:
        scores, targets = operands[0], _like(operands, 1, node)
        if reduction is not None:
            return call(name, scores, targets, reduction=reduction)
        settings = _divisor(operands, 1, layer.normalization)
        if layer.ignore_label is not None:
            settings["ignored"] = Literal(layer.ignore_label)
        return call(name, scores, targets, **settings)

    return Lowered(function=loss, helper="" if reduction else name)


def _reduction(layer: SoftmaxWithLoss | SigmoidCrossEntropyLoss) -> Literal | None:
    """What PyTorch calls the normalization; None for one that it doesn't have."""
    if layer.normalization == "NONE":
        return Literal("sum", "reduction", "mean")
    # PyTorch's own mean over no position at all is not a number.
    everything_counts = layer.ignore_label is None
    if everything_counts and layer.normalization in ("VALID", "FULL"):
        return Literal("mean", "reduction", "mean")
    return None


def _divisor(operands: Sequence[Expr], axis: int, normalization: str) -> dict[str, Expr]:
    """What tells a helper what to divide by; it counts by itself what isn't ignored."""
    if normalization == "VALID":
        return {}
    if normalization == "WEIGHTS":
        return {"by_weights": Literal(True)}
    return {"count": _count(operands, axis, normalization)}


def _count(operands: Sequence[Expr], axis: int, normalization: str) -> Expr:
    """What the sum over all positions is divided by, whatever labels there are."""
    scores, labels = operands
    if normalization == "FULL":
        return method(labels, "numel")
    if normalization == "NONE" or axis == 0:
        return Literal(1)
    sizes = (Name(f"{flat(scores)}.shape[{before}]") for before in range(axis))
    return Operation(tuple(sizes), ("*",) * (axis - 1))


def _classified(operands: Sequence[Expr], node: Node, axis: int) -> tuple[Expr, Expr]:
    """Scores with the classes in axis 1, and integers as labels in the shape of the others."""
    scores, labels = operands
    shape, kind = node.bottoms[0].shape, node.bottoms[1].type
    if kind.shape != without(shape, axis):
        if kind.shape == shape.replace(axis, 1):
            labels = method(labels, "squeeze", Literal(axis))
        else:
            positions = method(scores, "select", Literal(axis), Literal(0))
            labels = method(labels, "reshape_as", positions)
    if kind.dtype != "int64":
        labels = method(labels, "long")
    if axis != 1:
        scores = method(scores, "movedim", Literal(axis), Literal(1))
    return scores, labels


def _like(operands: Sequence[Expr], number: int, node: Node) -> Expr:
    """A further operand in the shape and type of the first."""
    given, first = operands[number], node.bottoms[0].type
    kind: TensorType = node.bottoms[number].type
    if kind.dtype != first.dtype:
        given = method(given, "type_as", operands[0])
    if kind.shape != first.shape:
        given = method(given, "reshape_as", operands[0])
    return given


@lowers(HingeLoss)
def hinge_loss(layer: HingeLoss, node: Node) -> Lowered:
    power = Literal({"L1": 1, "L2": 2}[layer.norm], "power", 1)
    labels = node.bottoms[1].type

    def loss(operands: Sequence[Expr]) -> Expr:
        scores, label = operands
        rank = node.bottoms[0].shape.rank
        if rank != 2:
            scores = method(scores, "flatten" if rank > 2 else "unsqueeze", Literal(1))
        if labels.shape.rank != 1:
            label = method(label, "flatten")
        if labels.dtype != "int64":
            label = method(label, "long")
        return call("hinge_loss", scores, label, power=power)

    return Lowered(function=loss, helper="hinge_loss")


@lowers(EuclideanLoss)
def euclidean_loss(layer: EuclideanLoss, node: Node) -> Lowered:
    def loss(operands: Sequence[Expr]) -> Expr:
        return call("euclidean_loss", operands[0], _like(operands, 1, node))

    return Lowered(function=loss, helper="euclidean_loss")


@lowers(SmoothL1Loss)
def smooth_l1_loss(layer: SmoothL1Loss, node: Node) -> Lowered:
    sigma = Literal(layer.sigma, "sigma", 1.0)

    def loss(operands: Sequence[Expr]) -> Expr:
        others = [_like(operands, number, node) for number in range(1, len(operands))]
        return call("smooth_l1_loss", operands[0], *others, sigma=sigma)

    return Lowered(function=loss, helper="smooth_l1_loss")


@lowers(ContrastiveLoss)
def contrastive_loss(layer: ContrastiveLoss, node: Node) -> Lowered:
    helper = "legacy_contrastive_loss" if layer.legacy_version else "contrastive_loss"
    margin = Literal(layer.margin, "margin", 1.0)

    def loss(operands: Sequence[Expr]) -> Expr:
        a, b, alike = operands[0], _like(operands, 1, node), operands[2]
        if node.bottoms[2].shape.rank != 1:
            alike = method(alike, "flatten")
        return call(helper, a, b, alike, margin=margin)

    return Lowered(function=loss, helper=helper)


@lowers(TripletLoss)
def triplet_loss(layer: TripletLoss, node: Node) -> Lowered:
    helper = "triplet_loss" if layer.squared else ""
    margin = Literal(layer.margin, "margin", 0.2 if layer.squared else 1.0)

    def loss(operands: Sequence[Expr]) -> Expr:
        triplet = [operands[0], *(_like(operands, number, node) for number in (1, 2))]
        if layer.squared:
            return call("triplet_loss", *triplet, margin=margin)
        if node.bottoms[0].shape.rank != 2:
            name = "flatten" if node.bottoms[0].shape.rank > 2 else "unsqueeze"
            triplet = [method(each, name, Literal(1)) for each in triplet]
        return call("F.triplet_margin_loss", *triplet, margin=margin)

    return Lowered(function=loss, helper=helper)


@lowers(MultiBoxLoss)
def multi_box_loss(layer: MultiBoxLoss, node: Node) -> Lowered:
    settings: dict[str, Expr] = {
        "num_classes": Literal(layer.num_classes, "num_classes"),
        "background": Literal(layer.background_label_id, "background", 0),
        "overlap_threshold": Literal(layer.overlap_threshold, "overlap_threshold", 0.5),
        "neg_overlap": Literal(layer.neg_overlap, "neg_overlap", 0.5),
        "neg_pos_ratio": Literal(layer.neg_pos_ratio, "neg_pos_ratio", 3.0),
        "loc_weight": Literal(layer.loc_weight, "loc_weight", 1.0),
        "corner": Literal(layer.code_type == "CORNER", "corner", False),
        "scaled": Literal(layer.variance_encoded_in_target, "scaled", False),
        "normalization": Literal(layer.normalization, "normalization", "VALID"),
    }

    def loss(operands: Sequence[Expr]) -> Expr:
        return call("multi_box_loss", *operands, **settings)

    return Lowered(function=loss, helper="multi_box_loss")


@lowers(Accuracy)
def accuracy(layer: Accuracy, node: Node) -> Lowered:
    axis = layer.axis % node.bottoms[0].shape.rank
    helper = "top_k_accuracy" if len(node.tops) == 1 else "top_k_accuracies"

    def share(operands: Sequence[Expr]) -> Expr:
        settings: dict[str, Expr] = {"k": Literal(layer.top_k, "k", 1)}
        if layer.ignore_label is not None:
            settings["ignored"] = Literal(layer.ignore_label)
        return call(helper, *_classified(operands, node, axis), **settings)

    return Lowered(function=share, helper=helper)
