"""ShuffleNetV2: the rows of Table 5, its totals, and how its units are wired."""

import pytest

from netspec.layers.resize import ChannelShuffle
from tests.specs.measuring import hwc, layer, macs, stock, within

TABLE = {
    "shufflenet_v2_x0_5": ([48, 96, 192, 1024], 1.4e6, 41e6),
    "shufflenet_v2_x1_0": ([116, 232, 464, 1024], 2.3e6, 146e6),
    "shufflenet_v2_x1_5": ([176, 352, 704, 1024], 3.5e6, 299e6),
    "shufflenet_v2_x2_0": ([244, 488, 976, 2048], 7.4e6, 591e6),
}
"""Ma et al. 2018, Table 5: output channels of stages 2 to 4 and of Conv5, weights, FLOPs."""


@pytest.mark.parametrize("name", TABLE)
def test_rows(name: str) -> None:
    network = stock(name)
    first, second, third, last = TABLE[name][0]
    rows = {
        "conv1.0": [112, 112, 24],
        "maxpool": [56, 56, 24],
        "stage2.0.concat": [28, 28, first],
        "stage2.3.concat": [28, 28, first],
        "stage3.0.concat": [14, 14, second],
        "stage3.7.concat": [14, 14, second],
        "stage4.0.concat": [7, 7, third],
        "stage4.3.concat": [7, 7, third],
        "conv5.0": [7, 7, last],
        "globalpool": [1, 1, last],
    }
    assert {path: hwc(layer(network, path)) for path in rows} == rows


@pytest.mark.parametrize("name", TABLE)
def test_totals(name: str) -> None:
    """The paper's count of operations is up to 1.4% more, without a word on what it counts."""
    _, params, operations = TABLE[name]
    assert abs(stock(name).params - params) <= 0.05e6
    assert 0.986 < macs(stock(name)) / operations < 1


def test_units() -> None:
    """Figure 3 (c): half of the channels goes by. (d): both branches read all, and halve it."""
    network = stock("shufflenet_v2_x1_0")
    split, first, *_ = within(network, "stage2.1")
    assert [blob.name for blob in split.tops] == ["stage2.1.kept", "stage2.1.worked"]
    assert first.bottoms == (split.tops[1],)
    concat = layer(network, "stage2.1.concat")
    assert [blob.name for blob in concat.bottoms] == ["stage2.1.kept", "stage2.1.branch2.7"]
    branches = [layer(network, f"stage3.0.branch{number}.0") for number in (1, 2)]
    assert [node.bottoms[0].name for node in branches] == ["stage2.3.shuffle"] * 2
    layers = [node.layer for node in network]
    assert [each.group for each in layers if isinstance(each, ChannelShuffle)] == [2] * 16
