"""Losses: layers of the TRAIN phase that read a prediction and what it should have been."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.losses import SoftmaxWithLoss
from netspec.lower.torch.code import Expr, Literal, Name, call, method
from netspec.lower.torch.layout import flat
from netspec.lower.torch.registry import Lowered, lowers

HELPER = "normalized_cross_entropy"
"""For what `F.cross_entropy` doesn't divide by."""

IGNORED = -100
"""PyTorch's `ignore_index`, which no label has."""


@lowers(SoftmaxWithLoss)
def softmax_with_loss(layer: SoftmaxWithLoss, node: Node) -> Lowered:
    scores, labels = (blob.type for blob in node.bottoms)
    axis = layer.axis % scores.shape.rank
    ignored = IGNORED if layer.ignore_label is None else layer.ignore_label
    ignore = {"ignore_index": Literal(ignored, "ignore_index", IGNORED)}
    is_mean = layer.ignore_label is None and layer.normalization in ("VALID", "FULL")
    is_sum = layer.normalization == "NONE"

    def loss(operands: Sequence[Expr]) -> Expr:
        prediction, label = operands
        if axis != 1:
            prediction = method(prediction, "movedim", Literal(axis), Literal(1))
        if labels.dtype != "int64":
            label = method(label, "long")
        if is_mean or is_sum:
            reduction = Literal("mean" if is_mean else "sum", "reduction", "mean")
            return call("F.cross_entropy", prediction, label, **ignore, reduction=reduction)
        return call(HELPER, prediction, label, _count(layer, label), **ignore)

    return Lowered(function=loss, helper="" if is_mean or is_sum else HELPER)


def _count(layer: SoftmaxWithLoss, label: Expr) -> Expr:
    """What the sum over all positions is divided by."""
    if layer.normalization == "BATCH_SIZE":
        return call("len", label)
    if layer.normalization == "FULL":
        return method(label, "numel")
    # PyTorch's own mean over no position at all is not a number.
    counted = Name(f"({flat(label)} != {layer.ignore_label})")
    return method(method(counted, "sum"), "clamp", min=Literal(1))
