"""The layers that make boxes, that find them, and that learn to."""

from netspec.eager import losses
from netspec.eager.open_size import OpenSize
from netspec.eager.pointwise import clamp, exp, minimum, where
from netspec.eager.reductions import cat, gather, ordered, sum_of
from netspec.eager.registry import Use, runs
from netspec.eager.tensor import Tensor, made
from netspec.eager.views import (
    expand,
    flatten,
    narrow,
    permute,
    reshape,
    select,
    transpose,
    unsqueeze,
)
from netspec.graph.sizes import Size, rows_of
from netspec.layers.detection import DetectionOutput, PriorBox
from netspec.layers.multi_box_loss import MultiBoxLoss
from netspec.layers.proposal import Proposal


@runs(PriorBox)
def priors(layer: PriorBox, use: Use) -> Tensor:
    return use.tape.new(use.shape, use.x.dtype)


def _chosen(x: Tensor, mask: Tensor, rows: Size) -> Tensor:
    """`x[mask]`, of which the mask is kept."""
    return made([x], (rows, *x.shape[mask.rank :]), [mask])


@runs(DetectionOutput)
def detection_output(layer: DetectionOutput, use: Use) -> Tensor:
    offsets, scores, boxes = use.bottoms
    batch, classes, rows = offsets.shape[0], layer.num_classes, use.shape[0]
    located = 1 if layer.share_location else classes
    count = scores.shape[1] // classes
    offsets = transpose(reshape(offsets, (batch, count, located, 4)), 1, 2)
    corner = layer.code_type == "CORNER"
    boxes = _boxes_at(offsets, boxes, corner, layer.variance_encoded_in_target)
    boxes = expand(boxes, (batch, classes, count, 4))
    scores = transpose(reshape(scores, (batch, count, classes)), 1, 2)
    found = use.tape.new(scores.shape, "bool")
    scores, order = ordered(where(found, scores, 0), axis=2)
    if layer.top_k is not None:
        scores, order = (narrow(each, 2, _least(layer.top_k, count)) for each in (scores, order))
    boxes = gather(boxes, expand(unsqueeze(order, -1), (*order.shape, 4)))
    kept = use.tape.new(scores.shape, "bool")
    best = reshape(_chosen(scores, kept, rows), (rows, 1))
    return cat([use.tape.new((rows, 2), scores.dtype), best, _chosen(boxes, kept, rows)], 1)


def _least(one: int, other: Size) -> int:
    """The lesser of two; OpenSize where that depends on a symbol."""
    if not isinstance(other, int):
        raise OpenSize(f"which of {one} and {other} is less", other)
    return min(one, other)


def _boxes_at(offsets: Tensor, priors: Tensor, corner: bool, scaled: bool) -> Tensor:
    count = priors.shape[2] // 4
    parts = reshape(priors, (2, count, 4))
    priors, variances = (select(parts, 0) for _ in range(2))
    if not scaled:
        offsets = offsets * variances
    if corner:
        return priors + offsets
    low, high = (narrow(priors, -1, 2) for _ in range(2))
    size = high + low
    centre = (low + high) / 2 + narrow(offsets, -1, 2) * size
    half = exp(narrow(offsets, -1, 2)) * size / 2
    return cat([centre + half, centre + half], -1)


@runs(Proposal)
def proposal(layer: Proposal, use: Use) -> Tensor:
    scores, offsets, image = use.bottoms
    tape, anchors, (high, wide) = use.tape, layer.anchors, scores.shape[2:]
    sizes = tape.new((anchors, 2), scores.dtype)
    parts = permute(reshape(offsets, (anchors, 4, high, wide)), (2, 3, 0, 1))
    place = tape.new((high, wide, 1, 2), scores.dtype)
    centre = place + narrow(parts, -1, 2) * sizes
    half = exp(narrow(parts, -1, 2)) * sizes / 2
    count = high * wide * anchors
    boxes = reshape(cat([centre + half, centre + half], -1), (count, 4))
    boxes = clamp(minimum(boxes, tape.new((4,), image.dtype)))
    found = tape.new((count,), "bool")
    ranked = flatten(permute(narrow(select(scores, 0), 0, anchors), (1, 2, 0)), 0)
    ranked, order = ordered(where(found, ranked, 0))
    if layer.pre_nms_topn is not None:
        order = narrow(order, 0, _least(layer.pre_nms_topn, count))
    boxes = made([boxes], (*order.shape, 4), [order])
    rows = use.shape[0]
    kept = _chosen(boxes, tape.new(order.shape, "bool"), rows)
    return made([kept], (rows, 5))


@runs(MultiBoxLoss)
def multi_box_loss(layer: MultiBoxLoss, use: Use) -> Tensor:
    """So many rows as there are priors that match an object: their offsets are kept."""
    offsets, scores, priors, _ = use.bottoms
    tape, batch, classes = use.tape, offsets.shape[0], layer.num_classes
    count = priors.shape[2] // 4
    offsets = reshape(offsets, (batch, count, 4))
    scores = transpose(reshape(scores, (batch, count, classes)), 1, 2)
    costs = losses.cross_entropy(scores, tape.new((batch, count), "int64"), False)
    cost = sum_of(_chosen(costs, tape.new(costs.shape, "bool"), 1))
    rows = rows_of(str(tape.maker))
    matched = _chosen(offsets, tape.new((batch, count), "bool"), rows)
    far = losses.compared(matched, tape.new((rows, 4), offsets.dtype))
    whole = cost + far * layer.loc_weight
    return whole / (tape.new((), "int64") if layer.normalization == "VALID" else 1)
