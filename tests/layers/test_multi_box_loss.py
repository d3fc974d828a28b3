"""MultiBoxLoss against its rule written prior by prior, and its edges."""

from math import exp, log
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from netspec.layers.multi_box_loss import MultiBoxLoss
from netspec.lower.torch import to_source, to_torch
from tests.graphs import N
from tests.layers.layer_checks import flops, layer_graph, refusal
from tests.layers.test_detection import overlap
from tests.lower.torch.checks import check_text

Array = NDArray[Any]
PRIORS, CLASSES, ITEMS = 12, 4, 3
SHAPES = ((N, 4 * PRIORS), (N, PRIORS * CLASSES), (1, 2, 4 * PRIORS), (5, 6))


def matches(layer: MultiBoxLoss, table: list[list[float]]) -> dict[int, int]:
    """The object of each matched prior; `table` has the overlaps of one item's objects."""
    pairs = [(-each, o, p) for o, row in enumerate(table) for p, each in enumerate(row)]
    found: dict[int, int] = {}
    for value, number, prior in sorted(pairs):
        if -value > 1e-6 and number not in found.values() and prior not in found:
            found[prior] = number
    for prior in range(PRIORS):
        column = [row[prior] for row in table]
        if prior not in found and column and max(column) >= layer.overlap_threshold:
            found[prior] = column.index(max(column))
    return found


def wanted(layer: MultiBoxLoss, box: Array, prior: Array, variance: Array) -> Array:
    offsets = box - prior
    if layer.code_type == "CENTER_SIZE":
        size, extent = prior[2:] - prior[:2], box[2:] - box[:2]
        shift = (box[:2] + box[2:] - prior[:2] - prior[2:]) / 2 / size
        offsets = np.array([*shift, *map(log, extent / size)])
    return offsets if layer.variance_encoded_in_target else offsets / variance


def loss(
    layer: MultiBoxLoss, offsets: Array, scores: Array, priors: Array, objects: Array
) -> float:
    corners, variances = priors.reshape(2, PRIORS, 4)
    total, count = 0.0, 0
    for item in range(ITEMS):
        mine = [row for row in objects if row[0] == item]
        table = [[overlap(tuple(o[2:]), tuple(p)) for p in corners] for o in mine]
        found = matches(layer, table)
        costs = []
        for prior, row in enumerate(scores[item].reshape(PRIORS, CLASSES)):
            label = int(mine[found[prior]][1]) if prior in found else layer.background_label_id
            costs.append(log(sum(map(exp, row))) - row[label])
        for prior, number in found.items():
            aim = wanted(layer, mine[number][2:], corners[prior], variances[prior])
            far = np.abs(offsets[item].reshape(PRIORS, 4)[prior] - aim)
            total += layer.loc_weight * np.where(far < 1, far**2 / 2, far - 0.5).sum()
            total += costs[prior]
        rest = [
            costs[prior]
            for prior in range(PRIORS)
            if prior not in found and all(row[prior] < layer.neg_overlap for row in table)
        ]
        total += sum(sorted(rest, reverse=True)[: int(len(found) * layer.neg_pos_ratio)])
        count += len(found)
    by = {"VALID": count, "FULL": ITEMS * PRIORS, "BATCH_SIZE": ITEMS, "NONE": 1}
    return float(total / max(1, by[layer.normalization]))


def example(seed: int, objects: int = 5) -> list[Array]:
    random = np.random.default_rng(seed)

    def boxes(count: int) -> Array:
        start = random.uniform(0, 0.6, (count, 2))
        return np.concatenate([start, start + random.uniform(0.1, 0.4, (count, 2))], axis=1)

    variances = np.tile([0.1, 0.1, 0.2, 0.2], PRIORS)
    named = np.stack([random.integers(-1, 2, objects), random.integers(1, CLASSES, objects)], 1)
    return [
        random.standard_normal((ITEMS, 4 * PRIORS)),
        random.standard_normal((ITEMS, PRIORS * CLASSES)),
        np.stack([boxes(PRIORS).reshape(-1), variances])[None],
        np.concatenate([named, boxes(objects)], axis=1),
    ]


LAYERS = [
    MultiBoxLoss(num_classes=CLASSES),
    MultiBoxLoss(num_classes=CLASSES, code_type="CENTER_SIZE", overlap_threshold=0.2),
    MultiBoxLoss(num_classes=CLASSES, neg_pos_ratio=1.5, neg_overlap=0.2, loc_weight=0.5),
    MultiBoxLoss(num_classes=CLASSES, neg_pos_ratio=0, normalization="NONE"),
    MultiBoxLoss(num_classes=CLASSES, variance_encoded_in_target=True, normalization="FULL"),
    MultiBoxLoss(num_classes=CLASSES, background_label_id=2, normalization="BATCH_SIZE"),
]


@pytest.mark.parametrize("layer", LAYERS)
def test_the_loss(layer: MultiBoxLoss) -> None:
    model = to_torch(layer_graph(layer, *SHAPES)).double()
    for seed in range(10):
        arrays = example(seed)
        found = model(*map(torch.from_numpy, arrays))
        assert float(found) == pytest.approx(loss(layer, *arrays), rel=1e-9)


def test_without_any_object_nothing_costs() -> None:
    graph = layer_graph(LAYERS[0], *SHAPES[:3], (N, 6))
    arrays = example(0, 0)
    tensors = [
        torch.from_numpy(each).requires_grad_(number < 2) for number, each in enumerate(arrays)
    ]
    found = to_torch(graph).double()(*tensors)
    found.backward()
    assert float(found.detach()) == 0
    assert all(each.grad is not None and not each.grad.any() for each in tensors[:2])


def test_gradients() -> None:
    model = to_torch(layer_graph(LAYERS[1], *SHAPES)).double()
    offsets, scores, *rest = map(torch.from_numpy, example(1))
    given = (offsets.requires_grad_(), scores.requires_grad_())
    torch.autograd.gradcheck(lambda *both: model(*both, *rest), given)


def test_source() -> None:
    source = to_source(layer_graph(LAYERS[1], *SHAPES))
    check_text(source)
    assert "multi_box_loss(in0, in1, in2, in3, num_classes=4, overlap_threshold=0.2)" in source


def test_costs() -> None:
    expected = 5 * PRIORS * CLASSES + PRIORS + 6 * 4 * PRIORS + 12 * 5 * PRIORS
    assert flops(LAYERS[0], *SHAPES) == expected


def test_mistakes() -> None:
    layer = LAYERS[0]
    found = refusal(layer, *SHAPES[:3], (1, 1, 5, 8))
    assert (found.code, found.bottom) == ("shape-mismatch", 3)
    assert found.message == (
        "MultiBoxLoss needs objects G×6 as its fourth bottom, but {3} gives 1×1×5×8"
    )
    assert found.help == "an object is [item, label, x1, y1, x2, y2]"
    found = refusal(layer, SHAPES[0], (N, PRIORS * 3), *SHAPES[2:])
    assert (found.code, found.bottom) == ("shape-mismatch", 1)
    found = refusal(MultiBoxLoss(num_classes=2, background_label_id=2), *SHAPES)
    assert (found.code, found.field) == ("bad-value", "background_label_id")
    assert found.message == "`background_label_id` is 2, but the classes are 0 to 1"
