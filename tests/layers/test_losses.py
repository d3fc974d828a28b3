"""Losses, against loops that follow Caffe's sources."""

from math import prod

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

import netspec
from netspec.graph import Shape, Size, TensorType
from netspec.layers import Layer, LayerError
from netspec.layers.distance_losses import (
    ContrastiveLoss,
    EuclideanLoss,
    SmoothL1Loss,
    TripletLoss,
)
from netspec.layers.losses import HingeLoss, SigmoidCrossEntropyLoss, SoftmaxWithLoss
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N, W
from tests.layers.loss_reference import (
    CLASSES,
    LABELS,
    MAPS,
    REAL,
    SCORES,
    WEIGHTS,
    Case,
    Kind,
    check_case,
    contrastive_loss,
    euclidean_loss,
    graph_of,
    hinge_loss,
    sigmoid_loss,
    smooth_l1_loss,
    softmax_loss,
    triplet_loss,
    value,
)
from tests.lower.torch.checks import check_text

CASES: dict[str, Case] = {
    "softmax": (SoftmaxWithLoss(), [SCORES, LABELS], softmax_loss),
    "softmax-maps": (SoftmaxWithLoss(), [MAPS, ((N, H, W), "labels")], softmax_loss),
    "softmax-caffe": (SoftmaxWithLoss(), [MAPS, ((N, 1, H, W), "float labels")], softmax_loss),
    "softmax-flat": (SoftmaxWithLoss(), [MAPS, ((N * H * W,), "labels")], softmax_loss),
    "softmax-last": (
        SoftmaxWithLoss(axis=-1),
        [((N, H, CLASSES), "real"), ((N, H), "labels")],
        softmax_loss,
    ),
    "softmax-last-batch": (
        SoftmaxWithLoss(axis=-1, normalization="BATCH_SIZE"),
        [((N, H, CLASSES), "real"), ((N, H, 1), "labels")],
        softmax_loss,
    ),
    "softmax-first-batch": (
        SoftmaxWithLoss(axis=0, normalization="BATCH_SIZE"),
        [((CLASSES, 4, 3), "real"), ((4, 3), "labels")],
        softmax_loss,
    ),
    **{
        f"softmax-{way}-{ignored}": (
            SoftmaxWithLoss.model_validate({"normalization": way, "ignore_label": ignored}),
            [MAPS, ((N, 1, H, W), "labels")],
            softmax_loss,
        )
        for way in ("VALID", "FULL", "BATCH_SIZE", "NONE")
        for ignored in (None, 2, 255)
    },
    **{
        f"weighted-{way}-{ignored}": (
            SoftmaxWithLoss.model_validate(
                {"class_weight": WEIGHTS, "normalization": way, "ignore_label": ignored}
            ),
            [MAPS, ((N, 1, H, W), "labels")],
            softmax_loss,
        )
        for way in ("VALID", "FULL", "BATCH_SIZE", "NONE", "WEIGHTS")
        for ignored in (None, 2, 255)
    },
    **{
        f"sigmoid-{way}-{ignored}": (
            SigmoidCrossEntropyLoss.model_validate({"normalization": way, "ignore_label": ignored}),
            [REAL, ((N, 3, 4), kind)],
            sigmoid_loss,
        )
        for way, kind in (
            ("VALID", "01"),
            ("FULL", "float labels"),
            ("BATCH_SIZE", "01"),
            ("NONE", "01"),
        )
        for ignored in (None, 1)
    },
    "sigmoid": (SigmoidCrossEntropyLoss(), [REAL, ((N, 12), "01")], sigmoid_loss),
    "weighted": (SoftmaxWithLoss(class_weight=WEIGHTS), [SCORES, LABELS], softmax_loss),
    "weighted-by-weights": (
        SoftmaxWithLoss(class_weight=WEIGHTS, normalization="WEIGHTS"),
        [SCORES, LABELS],
        softmax_loss,
    ),
    "hinge": (HingeLoss(), [SCORES, LABELS], hinge_loss),
    "hinge-square": (HingeLoss(norm="L2"), [MAPS, ((N, 1), "float labels")], hinge_loss),
    "euclidean": (EuclideanLoss(), [REAL, REAL], euclidean_loss),
    "euclidean-flat": (EuclideanLoss(), [REAL, ((N, 12), "labels")], euclidean_loss),
    "smooth": (SmoothL1Loss(), [REAL, REAL], smooth_l1_loss),
    "smooth-steep": (SmoothL1Loss(sigma=3.0), [REAL, ((N, 12), "real")], smooth_l1_loss),
    "smooth-inside": (SmoothL1Loss(sigma=2.0), [REAL] * 3, smooth_l1_loss),
    "smooth-weighted": (SmoothL1Loss(sigma=0.5), [REAL] * 4, smooth_l1_loss),
    "contrastive": (ContrastiveLoss(margin=3.0), [REAL, REAL, ((N,), "01")], contrastive_loss),
    "triplet": (TripletLoss(margin=30.0), [REAL] * 3, triplet_loss),
    "triplet-flat": (
        TripletLoss(margin=30.0),
        [REAL, ((N, 12), "real"), ((N, 3, 4), "real")],
        triplet_loss,
    ),
    "contrastive-legacy": (
        ContrastiveLoss(margin=30.0, legacy_version=True),
        [REAL, ((N, 12), "real"), ((N, 1, 1), "01")],
        contrastive_loss,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    check_case(CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_gradients(name: str) -> None:
    layer, kinds, _ = CASES[name]
    tensors = [torch.from_numpy(value(kind, number)) for number, kind in enumerate(kinds)]
    x = tensors[0].requires_grad_()
    to_torch(graph_of(layer, kinds))(*tensors).backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()
    assert x.grad.abs().sum() > 0


@pytest.mark.parametrize(
    "layer",
    [
        SoftmaxWithLoss(ignore_label=3),
        SoftmaxWithLoss(ignore_label=3, class_weight=WEIGHTS),
        SoftmaxWithLoss(ignore_label=3, class_weight=WEIGHTS, normalization="WEIGHTS"),
        SigmoidCrossEntropyLoss(ignore_label=3, normalization="VALID"),
    ],
)
def test_where_nothing_counts_there_is_nothing_to_pay(layer: Layer) -> None:
    shape: tuple[Size, ...] = (N, CLASSES) if isinstance(layer, SigmoidCrossEntropyLoss) else (N,)
    graph = graph_of(layer, [SCORES, (shape, "float labels")])
    labels = torch.full((2, CLASSES)[: len(shape)], 3.0)
    assert to_torch(graph)(torch.randn(2, CLASSES), labels).item() == 0


def test_pairs_at_no_distance_have_a_gradient() -> None:
    model = to_torch(graph_of(ContrastiveLoss(), [REAL, REAL, ((N,), "01")]))
    a, b = torch.ones(2, 3, 4, requires_grad=True), torch.ones(2, 3, 4)
    model(a, b, torch.tensor([0.0, 1.0])).backward()
    assert a.grad is not None
    assert a.grad.isfinite().all()


def test_pytorchs_own_triplets() -> None:
    layer = TripletLoss(margin=1.0, squared=False)
    triplet = [torch.randn(4, 3, 2) for _ in range(3)]
    given = to_torch(graph_of(layer, [((N, 3, 2), "real")] * 3))(*triplet)
    a, p, n = (each.flatten(1) for each in triplet)
    torch.testing.assert_close(given, F.triplet_margin_loss(a, p, n))


def test_pytorchs_own_losses() -> None:
    x, y = torch.randn(4, 6), torch.randn(4, 6)
    given = to_torch(graph_of(SmoothL1Loss(sigma=2.0), [((N, 6), "real")] * 2))(x, y)
    torch.testing.assert_close(given, F.smooth_l1_loss(x, y, beta=0.25, reduction="sum") / 4)
    given = to_torch(graph_of(EuclideanLoss(), [((N, 6), "real")] * 2))(x, y)
    torch.testing.assert_close(given, F.mse_loss(x, y) * 3)
    given = to_torch(graph_of(SigmoidCrossEntropyLoss(), [((N, 6), "real")] * 2))(x, y.sigmoid())
    expected = F.binary_cross_entropy_with_logits(x, y.sigmoid()) * 6
    torch.testing.assert_close(given, expected)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("softmax", "return F.cross_entropy(in0, in1)"),
        ("softmax-caffe", "return F.cross_entropy(in0, in1.squeeze(1).long())"),
        ("softmax-last", "return F.cross_entropy(in0.movedim(2, 1), in1)"),
        (
            "softmax-VALID-255",
            "return normalized_cross_entropy(in0, in1.squeeze(1), ignore_index=255)",
        ),
        (
            "weighted-VALID-None",
            "return weighted_cross_entropy(in0, in1.squeeze(1), [0.25, 2.0, 0.5, 1.75, 0.0])",
        ),
        ("sigmoid", "return sigmoid_cross_entropy(in0, in1.reshape_as(in0), count=in0.shape[0])"),
        (
            "sigmoid-VALID-None",
            "return F.binary_cross_entropy_with_logits(in0, in1)",
        ),
        ("hinge", "return hinge_loss(in0, in1)"),
        ("euclidean", "return euclidean_loss(in0, in1)"),
        ("smooth-steep", "return smooth_l1_loss(in0, in1.reshape_as(in0), sigma=3.0)"),
        ("smooth-inside", "return smooth_l1_loss(in0, in1, in2, sigma=2.0)"),
        ("smooth-weighted", "return smooth_l1_loss(in0, in1, in2, in3, sigma=0.5)"),
        ("contrastive", "return contrastive_loss(in0, in1, in2, margin=3.0)"),
    ],
)
def test_emitted(name: str, text: str) -> None:
    layer, kinds, _ = CASES[name]
    assert text in to_source(graph_of(layer, kinds))


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("softmax", 5 * CLASSES + 1),
        ("weighted", 5 * CLASSES + 2),
        ("weighted-by-weights", 5 * CLASSES + 3),
        ("sigmoid", 9 * 12),
        ("hinge", 4 * CLASSES),
        ("euclidean", 3 * 12),
        ("smooth", 6 * 12),
        ("smooth-inside", 7 * 12),
        ("smooth-weighted", 8 * 12),
        ("contrastive", 3 * 12 + 4),
        ("contrastive-legacy", 3 * 12 + 2),
    ],
)
def test_flops(name: str, count: int) -> None:
    layer, kinds, _ = CASES[name]
    assert graph_of(layer, kinds).flops == count


@pytest.mark.parametrize(
    ("layer", "shapes", "code", "message"),
    [
        (
            SoftmaxWithLoss(),
            [(N, 5, H, W), (N, 5, H, W)],
            "shape-mismatch",
            "SoftmaxWithLoss needs a label for each position, N×H×W, but {1} gives N×5×H×W",
        ),
        (
            SoftmaxWithLoss(axis=0),
            [(5,), ()],
            "shape-mismatch",
            "SoftmaxWithLoss needs scores N×C×…, but {0} gives 5",
        ),
        (
            SoftmaxWithLoss(class_weight=WEIGHTS),
            [(N, 4, H, W), (N, H, W)],
            "bad-value",
            "`class_weight` needs a number for each class: 4, not 5",
        ),
        (
            SigmoidCrossEntropyLoss(),
            [(N, 5), (N, 4)],
            "shape-mismatch",
            "SigmoidCrossEntropyLoss compares element by element, but {0} gives N×5 and {1} N×4",
        ),
        (
            HingeLoss(),
            [(N, 5), (N, 5)],
            "shape-mismatch",
            "HingeLoss needs a label for each item of the batch N×5, but {1} gives N×5",
        ),
        (
            EuclideanLoss(),
            [(N, 5), (5, N)],
            "shape-mismatch",
            "EuclideanLoss compares element by element, but {0} gives N×5 and {1} 5×N",
        ),
        (
            EuclideanLoss(),
            [(), ()],
            "shape-mismatch",
            "EuclideanLoss needs a batch, but {0} gives a scalar",
        ),
        (
            ContrastiveLoss(),
            [(N, 5), (N, 5), (N, 5)],
            "shape-mismatch",
            "ContrastiveLoss needs a number for each of N pairs, but {2} gives N×5",
        ),
    ],
)
def test_refusals(layer: Layer, shapes: list[tuple[Size, ...]], code: str, message: str) -> None:
    with pytest.raises(LayerError) as caught:
        layer.outputs([TensorType(Shape(shape)) for shape in shapes])
    assert (caught.value.code, caught.value.message) == (code, message)


def test_training_with_a_loss_and_an_accuracy() -> None:
    """The names of helpers and of layers may be the same."""
    network = netspec.loads("""
netspec: 1
name: Net
inputs: {data: [N, 8], label: {shape: [N], dtype: int64, phase: TRAIN}}
layers:
  - {name: scores, type: InnerProduct, num_output: 3, bottom: data}
  - {name: hinge_loss, type: HingeLoss, bottom: [scores, label], phase: TRAIN}
  - {name: top_k_accuracy, type: Accuracy, bottom: [scores, label], phase: TRAIN}
outputs: [scores, top_k_accuracy]
""")
    check_text(to_source(network))
    torch.manual_seed(0)  # of some hundred draws one takes more steps
    model = to_torch(network)
    data, label = torch.randn(6, 8), torch.tensor([0, 1, 2, 0, 1, 2])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(200):
        given = model(data, label)
        optimizer.zero_grad()
        given["hinge_loss"].backward()
        optimizer.step()
    assert given["top_k_accuracy"] == 1


@settings(deadline=None, max_examples=30)
@given(
    shape=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    axis=st.integers(-4, 3),
    way=st.sampled_from(["VALID", "FULL", "BATCH_SIZE", "NONE"]),
    ignored=st.sampled_from([None, 0, 9]),
)
def test_any_axis(shape: list[int], axis: int, way: str, ignored: int | None) -> None:
    axis = axis % len(shape)
    shape[axis] += 1
    fields = {"axis": axis, "ignore_label": ignored, "normalization": way}
    layer = SoftmaxWithLoss.model_validate(fields)
    random = np.random.default_rng(prod(shape))
    scores = random.standard_normal(shape, np.float32)
    places = shape[:axis] + shape[axis + 1 :]
    labels = random.integers(0, shape[axis], places)
    kinds: list[Kind] = [(tuple(shape), "real"), (tuple(places), "labels")]
    found = to_torch(graph_of(layer, kinds))(torch.from_numpy(scores), torch.from_numpy(labels))
    expected = softmax_loss(layer, scores, labels)
    assert found.item() == pytest.approx(expected, rel=1e-4, abs=1e-6)
