"""Losses as loops that follow Caffe's sources, and bottoms for them."""

from collections.abc import Callable, Sequence
from math import exp, log, prod, sqrt
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from netspec.graph import Graph, Shape, Size
from netspec.layers import Layer
from netspec.layers.accuracy import Accuracy
from netspec.layers.distance_losses import (
    ContrastiveLoss,
    EuclideanLoss,
    SmoothL1Loss,
    TripletLoss,
)
from netspec.layers.losses import HingeLoss, SigmoidCrossEntropyLoss, SoftmaxWithLoss
from netspec.lower.torch import to_source, to_torch
from tests.graphs import Builder, H, N, W
from tests.layers.layer_checks import KNOWN
from tests.lower.torch.checks import check_text

Array = NDArray[Any]
Kind = tuple[tuple[Size, ...], str]
"""A bottom's shape, and `real`, `01` for 0s and 1s, `labels` (0 to 4) or `float labels`."""
CLASSES = 5
WEIGHTS = [0.25, 2.0, 0.5, 1.75, 0.0]
"""What the classes weigh."""


def positions(scores: Array, labels: Array, axis: int) -> list[tuple[list[float], int]]:
    """The scores of each position, and its label, in Caffe's order."""
    rows = np.moveaxis(scores, axis, -1).reshape(-1, scores.shape[axis])
    return list(zip(rows.tolist(), labels.reshape(-1).astype(int).tolist(), strict=True))


def softmax_loss(layer: SoftmaxWithLoss, scores: Array, labels: Array) -> float:
    axis = layer.axis % scores.ndim
    found = positions(scores, labels, axis)
    counted = [(row, label) for row, label in found if label != layer.ignore_label]
    weights = layer.class_weight or [1.0] * scores.shape[axis]
    total = -sum(
        weights[label] * log(exp(row[label]) / sum(map(exp, row))) for row, label in counted
    )
    if layer.normalization == "WEIGHTS":
        return float(total / sum(weights[label] for _, label in counted))
    outer = prod(scores.shape[:axis])
    by = {"VALID": len(counted), "FULL": len(found), "BATCH_SIZE": outer, "NONE": 1}
    return float(total / max(1, by[layer.normalization]))


def sigmoid_loss(layer: SigmoidCrossEntropyLoss, scores: Array, targets: Array) -> float:
    pairs = list(zip(scores.reshape(-1), targets.reshape(-1), strict=True))
    counted = [(x, t) for x, t in pairs if t != layer.ignore_label]
    total = -sum(x * (t - (x >= 0)) - log(1 + exp(x - 2 * x * (x >= 0))) for x, t in counted)
    by = {"VALID": len(counted), "FULL": len(pairs), "BATCH_SIZE": len(scores), "NONE": 1}
    return float(total / max(1, by[layer.normalization]))


def hinge_loss(layer: HingeLoss, scores: Array, labels: Array) -> float:
    rows = scores.reshape(len(scores), -1).copy()
    for row, label in zip(rows, labels.reshape(-1).astype(int), strict=True):
        row[label] *= -1
    margins = np.maximum(0, 1 + rows)
    return float((margins if layer.norm == "L1" else margins**2).sum() / len(scores))


def euclidean_loss(layer: EuclideanLoss, x: Array, y: Array) -> float:
    return float(((x.reshape(-1) - y.reshape(-1)) ** 2).sum() / len(x) / 2)


def smooth_l1_loss(layer: SmoothL1Loss, x: Array, y: Array, *weights: Array) -> float:
    inside, outside = (*weights, np.ones_like(x), np.ones_like(x))[:2]
    total, square = 0.0, layer.sigma**2
    for d, w in zip(
        (inside * (x - y.reshape(x.shape))).reshape(-1), outside.reshape(-1), strict=True
    ):
        cost = 0.5 * square * d * d if abs(d) < 1 / square else abs(d) - 0.5 / square
        total += w * cost
    return total / len(x)


def contrastive_loss(layer: ContrastiveLoss, a: Array, b: Array, alike: Array) -> float:
    total = 0.0
    for one, other, same in zip(a, b.reshape(a.shape), alike.reshape(-1), strict=True):
        square = float(((one - other) ** 2).sum())
        apart = layer.margin - square if layer.legacy_version else layer.margin - sqrt(square)
        apart = max(apart, 0.0)
        total += square if same else apart if layer.legacy_version else apart**2
    return total / len(a) / 2


def triplet_loss(layer: TripletLoss, anchor: Array, positive: Array, negative: Array) -> float:
    total = 0.0
    for a, *others in zip(anchor, positive, negative, strict=True):
        near, far = (float(((a - x.reshape(a.shape)) ** 2).sum()) for x in others)
        total += max(near - far + layer.margin, 0.0)
    return total / len(anchor)


def accuracy(layer: Accuracy, scores: Array, labels: Array) -> float:
    found = positions(scores, labels, layer.axis % scores.ndim)
    counted = [(row, label) for row, label in found if label != layer.ignore_label]
    hits = sum(sum(x >= row[label] for x in row) <= layer.top_k for row, label in counted)
    return hits / max(1, len(counted))


SCORES: Kind = (N, CLASSES), "real"
LABELS: Kind = (N,), "labels"
MAPS: Kind = (N, CLASSES, H, W), "real"
REAL: Kind = (N, 3, 4), "real"
Case = tuple[Layer, Sequence[Kind], Callable[..., float]]


def graph_of(layer: Layer, kinds: Sequence[Kind]) -> Graph:
    builder = Builder()
    inputs = [
        builder.input(f"in{number}", *shape, dtype="int64" if kind == "labels" else "float32")
        for number, (shape, kind) in enumerate(kinds)
    ]
    return builder.graph(builder.layer("here", layer, *inputs))


def value(kind: Kind, number: int) -> Array:
    random = np.random.default_rng(number)
    known: dict[str, Size] = {str(symbol): size for symbol, size in KNOWN.items()}
    sizes: Any = Shape(kind[0]).substitute(known).sizes
    if kind[1] == "real":
        return np.asarray(2 * random.standard_normal(sizes, np.float32))
    most = 2 if kind[1] == "01" else CLASSES
    values = random.integers(0, most, sizes)
    return np.asarray(values, np.int64 if kind[1] == "labels" else np.float32)


def check_case(case: Case) -> None:
    """PyTorch's number in both precisions, from a source that a formatter leaves as it is."""
    layer, kinds, reference = case
    graph = graph_of(layer, kinds)
    check_text(to_source(graph))
    inputs = [value(kind, number) for number, kind in enumerate(kinds)]
    expected = reference(layer, *(each.astype(np.float64) for each in inputs))
    model = to_torch(graph)
    tensors = [torch.from_numpy(each) for each in inputs]
    assert model(*tensors).shape == ()
    np.testing.assert_allclose(model(*tensors).item(), expected, rtol=1e-5)
    doubled = [each.double() if each.is_floating_point() else each for each in tensors]
    result = model(*doubled)
    assert result.dtype == torch.float64
    np.testing.assert_allclose(result.item(), expected, rtol=1e-12)
