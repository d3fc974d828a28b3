"""Softmax and LogSoftmax."""

import pytest
import torch.nn.functional as F

from netspec.graph import Size
from netspec.layers.softmax import LogSoftmax, Softmax
from tests.graphs import H, N, W
from tests.layers.layer_checks import check_gradients, check_numbers, flops, refusal

IMAGE: tuple[Size, ...] = (N, 3, H, W)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_numbers(axis: int) -> None:
    check_numbers(Softmax(axis=axis), [IMAGE], lambda x: x.exp() / x.exp().sum(axis, keepdim=True))
    check_numbers(LogSoftmax(axis=axis), [IMAGE], lambda x: F.log_softmax(x, axis))
    check_gradients(Softmax(axis=axis), IMAGE)
    check_gradients(LogSoftmax(axis=axis), IMAGE)


def test_flops() -> None:
    # 20 rows of 3: 5·3 − 2 and 5·3 − 1 each.
    assert flops(Softmax(), (N, 3, 4, 5)) == 20 * 13
    assert flops(LogSoftmax(), (N, 3, 4, 5)) == 20 * 14
    assert str(flops(LogSoftmax(), (N, 3, H))) == "14*H"


def test_refusals() -> None:
    error = refusal(LogSoftmax(axis=2), (N, 3))
    assert error.message == "LogSoftmax's `axis` is 2, but its bottom N×3 has 2 axes"
    assert (error.code, error.field) == ("bad-axis", "axis")
