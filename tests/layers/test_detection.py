"""PriorBox, DetectionOutput, Proposal: against their rules written box by box, and their edges."""

from collections.abc import Sequence
from itertools import product
from math import exp, sqrt
from typing import Any

import numpy as np
import pytest
import torch

import netspec
from netspec.lower.torch import to_torch
from tests.agreement import check_agreement
from tests.checking import HEAD, check
from tests.layers.detectors import FASTER_RCNN, SSD

Box = tuple[float, ...]


def overlap(a: Box, b: Box) -> float:
    """Intersection over union; boxes the wrong way round have no area."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    areas = [max(c[2] - c[0], 0) * max(c[3] - c[1], 0) for c in (a, b)]
    union = sum(areas) - both
    return both / union if union else 0.0


def suppressed(boxes: Sequence[Box], threshold: float) -> list[int]:
    """The greedy rule: the numbers of the boxes that stay, the best first."""
    kept: list[int] = []
    for number, box in enumerate(boxes):
        if all(overlap(boxes[each], box) <= threshold for each in kept):
            kept.append(number)
    return kept


def ranked(scores: Sequence[float], count: int | None) -> list[int]:
    """The numbers of the greatest scores, the first of equal ones first."""
    return sorted(range(len(scores)), key=lambda number: -scores[number])[:count]


def priors_by_hand(
    rows: int, columns: int, height: int, width: int, boxes: list[tuple[float, float]], step: float
) -> list[Box]:
    found: list[Box] = []
    for row, column, (wide, high) in product(range(rows), range(columns), boxes):
        x = (column + 0.5) * (step or width / columns)
        y = (row + 0.5) * (step or height / rows)
        sides = (x - wide / 2) / width, (y - high / 2) / height
        found.append((*sides, (x + wide / 2) / width, (y + high / 2) / height))
    return found


def run(text: str, *arrays: np.ndarray) -> Any:
    model = to_torch(netspec.loads(HEAD + text)).eval()
    return model(*map(torch.from_numpy, arrays)).numpy()


@pytest.mark.parametrize("step", [0, 8])
def test_priors(step: int) -> None:
    """Those of SSD300's first map are these with 38×38 elements: 4 boxes around each."""
    text = (
        "inputs: {map: [1, 4, 3, 5], data: [1, 3, 30, 45]}\n"
        "layers: [{type: PriorBox, bottom: [map, data], min_size: 30.6, max_size: 60, "
        f"aspect_ratio: [2, 1, 2], step: {step}, variance: [0.1, 0.1, 0.2, 0.2]}}]\n"
        "allow: [unused-input]\n"
    )
    side = sqrt(30 * 60)
    boxes = [(30.0, 30.0), (side, side)]
    boxes += [(30 * sqrt(2), 30 / sqrt(2)), (30 / sqrt(2), 30 * sqrt(2))]
    expected = priors_by_hand(3, 5, 30, 45, boxes, step)
    found = run(text, np.zeros((1, 4, 3, 5), np.float32), np.zeros((1, 3, 30, 45), np.float32))
    assert found.shape == (1, 2, 3 * 5 * 4 * 4)
    assert np.allclose(found[0, 0], np.ravel(expected), atol=1e-6)
    assert np.allclose(found[0, 1].reshape(-1, 4), [0.1, 0.1, 0.2, 0.2])


FOUND = (
    "inputs: {{loc: [N, {offsets}], conf: [N, {scores}], priors: [1, 2, {priors}]}}\n"
    "layers: [{{name: out, type: DetectionOutput, bottom: [loc, conf, priors], {fields}}}]\n"
)


def decoded(prior: Box, variance: Sequence[float], offsets: Sequence[float], corner: bool) -> Box:
    moves = [a * b for a, b in zip(offsets, variance, strict=True)]
    if corner:
        return tuple(a + b for a, b in zip(prior, moves, strict=True))
    size = prior[2] - prior[0], prior[3] - prior[1]
    centre = [(prior[axis] + prior[axis + 2]) / 2 + moves[axis] * size[axis] for axis in (0, 1)]
    half = [exp(moves[axis + 2]) * size[axis] / 2 for axis in (0, 1)]
    low = tuple(c - h for c, h in zip(centre, half, strict=True))
    return low + tuple(c + h for c, h in zip(centre, half, strict=True))


def found_by_hand(
    loc: np.ndarray, conf: np.ndarray, priors: np.ndarray, classes: int, corner: bool
) -> list[list[float]]:
    """With 0 as background, threshold 0.45, top_k 6, keep_top_k 5, confidence 0.2."""
    rows = []
    placed, variances = priors[0].reshape(2, -1, 4).tolist()
    for item in range(len(loc)):
        offsets = loc[item].reshape(-1, 4).tolist()
        every = zip(placed, variances, offsets, strict=True)
        boxes = [decoded(tuple(p), v, o, corner) for p, v, o in every]
        scores = conf[item].reshape(-1, classes)
        found: list[tuple[float, int, int]] = []
        for label in range(1, classes):
            own = scores[:, label].tolist()
            best = [n for n in ranked(own, None) if own[n] > 0.2][:6]
            kept = [best[each] for each in suppressed([boxes[n] for n in best], 0.45)]
            found += [(own[n], label, n) for n in kept]
        chosen = sorted(found, key=lambda each: -each[0])[:5]
        chosen.sort(key=lambda each: (each[1], -each[0]))
        rows += [[item, label, score, *boxes[number]] for score, label, number in chosen]
    return rows


@pytest.mark.parametrize("corner", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_found(seed: int, corner: bool) -> None:
    random = np.random.default_rng(seed)
    count, classes = 12, 3
    corners = np.sort(random.uniform(0, 1, (count, 2, 2)), axis=1).reshape(1, -1)
    priors = np.stack([corners, np.tile([0.1, 0.1, 0.2, 0.2], (1, count))], 1).astype(np.float32)
    loc = random.standard_normal((2, count * 4)).astype(np.float32)
    conf = random.uniform(0, 1, (2, count * classes)).round(1).astype(np.float32)  # with ties
    code = "CORNER" if corner else "CENTER_SIZE"
    fields = (
        f"num_classes: {classes}, nms_threshold: 0.45, top_k: 6, keep_top_k: 5, "
        f"confidence_threshold: 0.2, code_type: {code}"
    )
    text = FOUND.format(offsets=4 * count, scores=classes * count, priors=4 * count, fields=fields)
    expected = found_by_hand(loc, conf, priors, classes, corner)
    assert expected
    assert np.allclose(run(text, loc, conf, priors), expected, atol=1e-5)
    network = netspec.loads(HEAD + text)
    check_agreement(network, {"loc": loc, "conf": conf, "priors": priors}, {"N": 2})


def test_where_nothing_is_found_there_is_no_row() -> None:
    text = FOUND.format(
        offsets=8, scores=4, priors=8, fields="num_classes: 2, confidence_threshold: 9"
    )
    arrays = {
        "loc": np.zeros((3, 8), np.float32),
        "conf": np.zeros((3, 4), np.float32),
        "priors": np.full((1, 2, 8), 0.1, np.float32),
    }
    assert run(text, *arrays.values()).shape == (0, 7)
    check_agreement(netspec.loads(HEAD + text), arrays, {"N": 3})


def test_rows_are_a_size_that_shows_when_it_runs() -> None:
    text = FOUND.format(offsets=8, scores=4, priors=8, fields="num_classes: 2")
    assert str(netspec.loads(HEAD + text).outputs["out"]) == "out.rows×7"


def proposals_by_hand(
    scores: np.ndarray, offsets: np.ndarray, image: np.ndarray, sizes: list[tuple[float, float]]
) -> list[list[float]]:
    """With a stride and base of 16, 20 boxes looked at, 6 given, threshold 0.7, sides of 4."""
    anchors = len(sizes)
    rows, columns = scores.shape[2:]
    height, width, scale = image[0]
    boxes, values = [], []
    for row, column, anchor in product(range(rows), range(columns), range(anchors)):
        wide, high = sizes[anchor]
        moves = offsets[0, 4 * anchor : 4 * anchor + 4, row, column].tolist()
        x, y = column * 16 + 8 + moves[0] * wide, row * 16 + 8 + moves[1] * high
        half = exp(moves[2]) * wide / 2, exp(moves[3]) * high / 2
        box = (x - half[0], y - half[1], x + half[0], y + half[1])
        limits = (width - 1, height - 1) * 2
        box = tuple(min(max(each, 0), limit) for each, limit in zip(box, limits, strict=True))
        if box[2] - box[0] + 1 >= 4 * scale and box[3] - box[1] + 1 >= 4 * scale:
            boxes.append(box)
            values.append(float(scores[0, anchors + anchor, row, column]))
    best = ranked(values, 20)
    whole = [(*boxes[n][:2], boxes[n][2] + 1, boxes[n][3] + 1) for n in best]
    return [[0, *boxes[best[each]]] for each in suppressed(whole, 0.7)[:6]]


@pytest.mark.parametrize("seed", range(3))
def test_proposals(seed: int) -> None:
    random = np.random.default_rng(seed)
    text = (
        "inputs: {s: [1, 6, 4, 5], o: [1, 12, 4, 5], i: [1, 3]}\n"
        "layers: [{name: out, type: Proposal, bottom: [s, o, i], ratios: [0.5, 1, 2], scales: 2, "
        "min_size: 4, pre_nms_topn: 20, post_nms_topn: 6}]\n"
    )
    arrays = {
        "s": random.uniform(0, 1, (1, 6, 4, 5)).astype(np.float32),
        "o": (random.standard_normal((1, 12, 4, 5)) / 4).astype(np.float32),
        "i": np.array([[64, 80, 1.5]], np.float32),
    }
    # py-faster-rcnn's base anchors of 16: 23×12, 16×16, 11×22.
    sizes = [(46.0, 24.0), (32.0, 32.0), (22.0, 44.0)]
    expected = proposals_by_hand(arrays["s"], arrays["o"], arrays["i"], sizes)
    assert np.allclose(run(text, *arrays.values()), expected, atol=1e-3)
    check_agreement(netspec.loads(HEAD + text), arrays, {})


@pytest.mark.parametrize("detector", [SSD, FASTER_RCNN])
def test_detectors_find_the_same_in_every_target(detector: str) -> None:
    """Boxes that the layers before have made; what reads them has as many rows."""
    network = netspec.loads(HEAD + detector)
    random = np.random.default_rng(0)
    arrays = {"data": random.standard_normal((2, 3, 96, 96)).astype(np.float32)}
    if detector is FASTER_RCNN:
        arrays = {
            "data": random.standard_normal((1, 3, 96, 128)).astype(np.float32),
            "im_info": np.array([[96, 128, 1]], np.float32),
        }
    # How often the second look multiplies, the first one shows.
    check_agreement(network, arrays, {"N": 2}, counted=detector is SSD)
    assert "def suppress_overlaps(" in network.to_source("torch")


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ("num_classes: «1", "bad-value", "DetectionOutput can find nothing"),
        ("num_classes: 2, background_label_id: «2", "bad-value", "but the classes are 0 to 1"),
        ("num_classes: 2, top_k: «-1", "bad-value", "`top_k` should be at least 1"),
        ("num_classes: 2, «iou_threshold: 0.5", "unknown-field", "nothing here is called"),
    ],
)
def test_mistakes(fields: str, code: str, message: str) -> None:
    check(HEAD + FOUND.format(offsets=8, scores=4, priors=8, fields=fields), (code, message))


def test_priors_that_are_none() -> None:
    text = (
        "inputs: {loc: [N, 8], conf: [N, 4], priors: [1, 3, 8]}\n"
        "layers: [{name: out, type: DetectionOutput, bottom: [loc, conf, «priors], "
        "num_classes: 2}]\n"
    )
    check(
        HEAD + text,
        ("shape-mismatch", "needs priors 1×2×4·P as its third bottom, but priors gives 1×3×8"),
    )
