"""Losses, which ONNX files don't hold."""

from netspec.layers.distance_losses import ContrastiveLoss, EuclideanLoss, SmoothL1Loss, TripletLoss
from netspec.layers.losses import HingeLoss, SigmoidCrossEntropyLoss, SoftmaxWithLoss
from netspec.layers.multi_box_loss import MultiBoxLoss
from netspec.lower.onnx.layers.registry import refuses

refuses(
    SoftmaxWithLoss,
    SigmoidCrossEntropyLoss,
    HingeLoss,
    EuclideanLoss,
    SmoothL1Loss,
    ContrastiveLoss,
    TripletLoss,
    MultiBoxLoss,
    reason="an ONNX file is for inference and holds no loss: give {path} `phase: TRAIN`",
)
