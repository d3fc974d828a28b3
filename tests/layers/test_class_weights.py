"""The weights of classes that a SoftmaxWithLoss has, against PyTorch's own."""

import pytest
import torch
from torch.nn import functional as F

import netspec
from netspec.layers.losses import SoftmaxWithLoss
from netspec.lower.torch import to_source, to_torch
from tests.graphs import N
from tests.layers.loss_reference import CLASSES, LABELS, WEIGHTS, Kind, graph_of
from tests.lower.torch.checks import check_text


@pytest.mark.parametrize("ignored", [None, 2])
def test_pytorchs_own_weights_of_classes(ignored: int | None) -> None:
    """PyTorch's mean is by the weights; by the count it is what SegNet's Caffe and Keras have."""
    scores, labels = torch.randn(3, CLASSES, 4), torch.randint(CLASSES, (3, 4))
    scores.requires_grad_()
    ignore = -100 if ignored is None else ignored
    weight = torch.tensor(WEIGHTS)
    total = F.cross_entropy(scores, labels, weight, ignore_index=ignore, reduction="sum")
    expected = {
        "WEIGHTS": F.cross_entropy(scores, labels, weight, ignore_index=ignore),
        "VALID": total / (labels != ignored).sum() if ignored is not None else total / 12,
        "BATCH_SIZE": total / 3,
    }
    for way, loss in expected.items():
        fields = {"class_weight": WEIGHTS, "normalization": way, "ignore_label": ignored}
        layer = SoftmaxWithLoss.model_validate(fields)
        given = to_torch(graph_of(layer, [((N, CLASSES, 4), "real"), ((N, 4), "labels")]))
        found = given(scores, labels)
        torch.testing.assert_close(found, loss)
        (one,) = torch.autograd.grad(found, scores)
        (other,) = torch.autograd.grad(loss, scores, retain_graph=True)
        torch.testing.assert_close(one, other)


def test_weights_of_classes_are_as_exact_below_autocast() -> None:
    """0.2595 isn't rounded to bfloat16, as the scores are."""
    scores, labels = torch.randn(8, 2).bfloat16(), torch.zeros(8, dtype=torch.int64)
    kinds: list[Kind] = [((N, 2), "real"), LABELS]
    with torch.autocast("cpu", torch.bfloat16):
        (weighted, plain) = (
            to_torch(graph_of(SoftmaxWithLoss(class_weight=weights), kinds))(scores, labels)
            for weights in ([0.2595, 1.0], [])
        )
    torch.testing.assert_close(weighted, 0.2595 * plain)


def test_no_weights_to_divide_by() -> None:
    (error,) = SoftmaxWithLoss(normalization="WEIGHTS").check()
    assert (error.code, error.field) == ("field-conflict", "normalization")
    assert error.message == "`normalization: WEIGHTS` has no meaning without `class_weight`"


def test_a_spec_with_weights_of_classes() -> None:
    text = """
netspec: 1
name: Net
vars: {balance: [0.5, 2, 1]}
inputs: {data: [N, 8], label: {shape: [N], dtype: int64, phase: TRAIN}}
layers:
  - {name: fc, type: InnerProduct, num_output: 3, bottom: data}
  - {name: loss, type: SoftmaxWithLoss, bottom: [fc, label], phase: TRAIN, class_weight: $balance}
outputs: fc
"""
    check_text(to_source(netspec.loads(text)))
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads(text.replace("0.5", "-0.5"))
    (found,) = caught.value.diagnostics
    assert "class_weight" in found.message
    with pytest.raises(netspec.SpecError, match="write `class_weight`; PyTorch divides by the"):
        netspec.loads(text.replace("class_weight", "weight"))
