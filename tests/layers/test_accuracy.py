"""Accuracy."""

from math import prod

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.graph import Graph
from netspec.layers.accuracy import Accuracy
from netspec.lower.torch import to_source, to_torch
from tests.graphs import Builder, H, N, W
from tests.layers.layer_checks import refusal
from tests.layers.loss_reference import (
    CLASSES,
    LABELS,
    MAPS,
    SCORES,
    Case,
    Kind,
    accuracy,
    check_case,
    graph_of,
    value,
)
from tests.lower.onnx.checks import OPSETS, checked_model, run

CASES: dict[str, Case] = {
    "plain": (Accuracy(), [SCORES, LABELS], accuracy),
    "two": (Accuracy(top_k=2), [MAPS, ((N, H, W), "labels")], accuracy),
    "caffe": (Accuracy(top_k=2), [MAPS, ((N, 1, H, W), "float labels")], accuracy),
    "flat": (Accuracy(), [MAPS, ((N * H * W,), "labels")], accuracy),
    "last": (Accuracy(axis=-1), [((N, H, CLASSES), "real"), ((N, H), "labels")], accuracy),
    "ignored": (Accuracy(ignore_label=2), [MAPS, ((N, H, W), "labels")], accuracy),
    "ignored-other": (Accuracy(ignore_label=-1), [SCORES, LABELS], accuracy),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    check_case(CASES[name])


@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("name", CASES)
def test_onnx_runtime(name: str, opset: int) -> None:
    layer, kinds, reference = CASES[name]
    inputs = [value(kind, number) for number, kind in enumerate(kinds)]
    (actual,) = run(checked_model(graph_of(layer, kinds), opset=opset), *inputs)
    np.testing.assert_allclose(actual, reference(layer, *inputs), rtol=1e-6)


def test_equal_scores_count_as_higher() -> None:
    graph = graph_of(Accuracy(), [SCORES, LABELS])
    scores = np.array([[1, 1, 0, 0, 0], [0, 2, 0, 0, 0]], np.float32)
    labels = np.array([0, 1])
    assert to_torch(graph)(torch.from_numpy(scores), torch.from_numpy(labels)).item() == 0.5
    (actual,) = run(checked_model(graph), scores, labels)
    assert actual == 0.5


def test_where_nothing_counts_it_is_zero() -> None:
    graph = graph_of(Accuracy(ignore_label=3), [SCORES, LABELS])
    scores, labels = np.zeros((2, CLASSES), np.float32), np.full(2, 3)
    assert to_torch(graph)(torch.from_numpy(scores), torch.from_numpy(labels)).item() == 0
    (actual,) = run(checked_model(graph), scores, labels)
    assert actual == 0


def two_tops(layer: Accuracy, scores: Kind, labels: Kind) -> Graph:
    builder = Builder()
    inputs = [
        builder.input("scores", *scores[0]),
        builder.input("labels", *labels[0], dtype="int64"),
    ]
    return builder.graph(*builder.layers(["all", "each"], "here", layer, *inputs))


@pytest.mark.parametrize("opset", [13, 18])
@pytest.mark.parametrize("ignored", [None, 2, 255])
@pytest.mark.parametrize("top_k", [1, 2])
@pytest.mark.parametrize("axis", [1, -1])
def test_of_each_class(axis: int, top_k: int, ignored: int | None, opset: int) -> None:
    """Recall, as scikit-learn calls it: a class's share of hits among its labels, 0 of none."""
    layer = Accuracy(axis=axis, top_k=top_k, ignore_label=ignored)
    shape = (N, CLASSES, H, W) if axis == 1 else (N, H, W, CLASSES)
    graph = two_tops(layer, (shape, "real"), ((N, H, W), "labels"))
    assert [str(top.shape) for top in graph.nodes[0].tops] == ["scalar", "5"]
    scores, labels = value((shape, "real"), 0), value(((N, H, W), "labels"), 1)
    labels[labels == 4] = 3 if ignored is None else ignored
    found = [accuracy(layer, scores, labels)]
    for number in range(CLASSES):
        rows = np.moveaxis(scores, axis, -1)[labels == number]
        found.append(accuracy(layer.model_copy(update={"axis": 1}), rows, labels[labels == number]))
    with torch.no_grad():
        results = to_torch(graph)(torch.from_numpy(scores), torch.from_numpy(labels))
    whole, each = results.values()
    np.testing.assert_allclose([whole.item(), *each.tolist()], found, rtol=1e-6)
    others = run(checked_model(graph, opset=opset), scores, labels)
    np.testing.assert_allclose([others[0].item(), *others[1]], found, rtol=1e-6)


@pytest.mark.parametrize("name", ["top_k_accuracy", "top_k_accuracies"])
def test_more_labels_than_float16_can_count(name: str) -> None:
    one = graph_of(Accuracy(), [MAPS, ((N, H, W), "labels")])
    graph = one if name == "top_k_accuracy" else two_tops(Accuracy(), MAPS, ((N, H, W), "labels"))
    assert f" {name}(scores, labels)" in to_source(graph).replace("in0, in1", "scores, labels")
    scores = torch.zeros(4, CLASSES, 200, 200, dtype=torch.float16)
    scores[:, 1] = 1
    labels = torch.ones(4, 200, 200, dtype=torch.int64)
    labels[0] = 0
    found = to_torch(graph)(scores, labels)
    whole, *each = found.values() if isinstance(found, dict) else (found,)
    assert whole.item() == 0.75
    assert [share.tolist() for share in each] in ([], [[0, 1, 0, 0, 0]])


def test_emitted() -> None:
    layer, kinds, _ = CASES["ignored"]
    assert "return top_k_accuracy(in0, in1, ignored=2)" in to_source(graph_of(layer, kinds))


def test_flops() -> None:
    assert graph_of(Accuracy(), [SCORES, LABELS]).flops == 2 * CLASSES + 1


def test_more_guesses_than_classes() -> None:
    error = refusal(Accuracy(top_k=6), (N, 5), (N,))
    assert error.code == "bad-value"
    assert error.message == "Accuracy's `top_k` is 6, but {0} has only 5 classes"


@settings(deadline=None, max_examples=30)
@given(
    shape=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    axis=st.integers(-4, 3),
    ignored=st.sampled_from([None, 0, 9]),
    top_k=st.integers(1, 2),
)
def test_any_axis(shape: list[int], axis: int, ignored: int | None, top_k: int) -> None:
    axis = axis % len(shape)
    shape[axis] += 1
    layer = Accuracy(axis=axis, ignore_label=ignored, top_k=top_k)
    random = np.random.default_rng(prod(shape))
    # Few values, so that many are equal.
    scores = random.integers(0, 3, shape).astype(np.float32)
    places = shape[:axis] + shape[axis + 1 :]
    labels = random.integers(0, shape[axis], places)
    kinds: list[Kind] = [(tuple(shape), "real"), (tuple(places), "labels")]
    graph = graph_of(layer, kinds)
    expected = pytest.approx(accuracy(layer, scores, labels))
    assert to_torch(graph)(torch.from_numpy(scores), torch.from_numpy(labels)).item() == expected
    (actual,) = run(checked_model(graph), scores, labels)
    assert actual == expected
