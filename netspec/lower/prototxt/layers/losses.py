"""Losses and accuracy."""

from typing import Any

from netspec.graph import Node
from netspec.layers.accuracy import Accuracy
from netspec.layers.distance_losses import ContrastiveLoss, EuclideanLoss
from netspec.layers.losses import HingeLoss, SigmoidCrossEntropyLoss, SoftmaxWithLoss
from netspec.lower.prototxt.pieces import Inexpressible, Piece
from netspec.lower.prototxt.registry import writes

_VALID = "VALID"
"""What SoftmaxWithLoss divides by where nothing is said; the message's default."""


@writes(SoftmaxWithLoss)
def softmax(layer: SoftmaxWithLoss, node: Node) -> Piece:
    if layer.class_weight:
        raise Inexpressible("Caffe's losses weigh no classes: only forks have `class_weighting`")
    fields: dict[str, Any] = {"loss_param": _of_labels(layer, _VALID)}
    return Piece("SoftmaxWithLoss", fields | {"softmax_param": {"axis": layer.axis}})


@writes(SigmoidCrossEntropyLoss)
def sigmoid(layer: SigmoidCrossEntropyLoss, node: Node) -> Piece:
    return Piece("SigmoidCrossEntropyLoss", {"loss_param": _of_labels(layer, "BATCH_SIZE")})


def _of_labels(layer: SoftmaxWithLoss | SigmoidCrossEntropyLoss, usual: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if layer.ignore_label is not None:
        fields["ignore_label"] = layer.ignore_label
    if layer.normalization != usual:
        fields["normalization"] = layer.normalization
    return fields


@writes(HingeLoss)
def hinge(layer: HingeLoss, node: Node) -> Piece:
    return Piece("HingeLoss", {"hinge_loss_param": {"norm": layer.norm}})


@writes(EuclideanLoss)
def euclidean(layer: EuclideanLoss, node: Node) -> Piece:
    return Piece("EuclideanLoss")


@writes(ContrastiveLoss)
def contrastive(layer: ContrastiveLoss, node: Node) -> Piece:
    fields = {"margin": layer.margin, "legacy_version": layer.legacy_version}
    return Piece("ContrastiveLoss", {"contrastive_loss_param": fields})


@writes(Accuracy)
def accuracy(layer: Accuracy, node: Node) -> Piece:
    fields: dict[str, Any] = {"top_k": layer.top_k, "axis": layer.axis}
    if layer.ignore_label is not None:
        fields["ignore_label"] = layer.ignore_label
    return Piece("Accuracy", {"accuracy_param": fields})
