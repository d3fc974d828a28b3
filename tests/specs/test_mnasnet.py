"""MnasNet-B1: the authors' table, scaled."""

from dataclasses import dataclass

import pytest

from netspec.layers.convolution import Convolution
from tests.specs.measuring import known, stock, within


@dataclass(frozen=True)
class Row:
    repeats: int
    kernel_size: int
    stride: int
    expansion: int
    channels: int


B1 = (
    Row(3, 3, 2, 3, 24),
    Row(3, 5, 2, 3, 40),
    Row(3, 5, 2, 6, 80),
    Row(2, 3, 1, 6, 96),
    Row(4, 5, 2, 6, 192),
    Row(1, 3, 1, 6, 320),
)
"""`mnasnet_b1` in the authors' mnasnet_models.py (tensorflow/tpu, models/official/mnasnet), behind
its first block, which is a separable convolution: 32 channels, then 16.
"""
SCALES = {"mnasnet0_5": 0.5, "mnasnet0_75": 0.75, "mnasnet1_0": 1.0, "mnasnet1_3": 1.3}


def rounded(channels: float) -> int:
    """The next multiple of 8, but none that is a tenth less: `round_filters` there."""
    near = max(8, int(channels + 4) // 8 * 8)
    return near if near >= 0.9 * channels else near + 8


@pytest.mark.parametrize("name", SCALES)
def test_rows(name: str) -> None:
    network, scale = stock(name), SCALES[name]
    channels = rounded(16 * scale)
    for number, row in enumerate(B1):
        for block in range(row.repeats):
            nodes = within(network, f"layers.{number + 8}.{block}")
            convolutions = [n.layer for n in nodes if isinstance(n.layer, Convolution)]
            expand, depthwise, project = convolutions
            assert expand.num_output == depthwise.group == row.expansion * channels
            assert depthwise.kernel_size == row.kernel_size
            assert depthwise.stride == (row.stride if block == 0 else 1)
            assert project.num_output == rounded(row.channels * scale)
            assert (nodes[-1].name == "sum") == (block > 0)
            channels = project.num_output


@pytest.mark.parametrize("name", SCALES)
def test_totals(name: str) -> None:
    """By hand from the table, for images of 224×224; each convolution is normalized."""
    scale = SCALES[name]
    stem, channels, size = rounded(32 * scale), rounded(16 * scale), 112**2
    weights = [27 * stem, 9 * stem, stem * channels]
    macs, outputs = sum(weights) * size, 2 * stem + channels
    for row in B1:
        for block in range(row.repeats):
            hidden, given = row.expansion * channels, rounded(row.channels * scale)
            macs += channels * hidden * size
            size //= (row.stride if block == 0 else 1) ** 2
            inner = [row.kernel_size**2 * hidden, hidden * given]
            macs += sum(inner) * size
            weights += [channels * hidden, *inner]
            outputs += 2 * hidden + given
            channels = given
    weights += [channels * 1280, 1280 * 1000]
    macs += channels * 1280 * size + 1280 * 1000
    network = stock(name)
    assert network.params == sum(weights) + 2 * (outputs + 1280) + 1000
    assert known(network.macs) == macs
