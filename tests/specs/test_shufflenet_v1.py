"""ShuffleNet v1: Table 1 of Zhang et al. 2017, and its authors' README."""

import pytest

import netspec
from netspec.layers.convolution import Convolution
from netspec.layers.resize import ChannelShuffle
from tests.specs.measuring import depth, hwc, known, layer, macs, stock, within

TABLE = {
    # channels behind stages 2 to 4; million multiply-adds, which leave the classifier out
    1: ([144, 288, 576], 143),
    2: ([200, 400, 800], 140),
    3: ([240, 480, 960], 137),
    4: ([272, 544, 1088], 133),
    8: ([384, 768, 1536], 137),
}
README = [
    # groups, scale, filters of the stem; million multiply-adds with the classifier, parameters
    (3, 2.0, 48, 524, 5.4),
    (3, 1.5, 24, 292, 3.4),
    (3, 1.0, 24, 138, 1.9),
    (3, 0.5, 12, 38, 0.7),
    (8, 1.0, 24, 138, 2.4),
]
"""ShuffleNetV1/README.md of its authors' ShuffleNet-Series; its network.py has three groups."""


@pytest.mark.parametrize("groups", TABLE)
def test_table_1(groups: int) -> None:
    channels, complexity = TABLE[groups]
    network = stock(f"shufflenet_v1_g{groups}")
    assert hwc(layer(network, "first_conv.2")) == [112, 112, 24]
    assert hwc(layer(network, "maxpool")) == [56, 56, 24]
    for unit, size, width in zip((3, 11, 15), (28, 14, 7), channels, strict=True):
        assert hwc(within(network, f"features.{unit}")[-1]) == [size, size, width]
    classifier = macs(within(network, "classifier"))
    assert round((known(network.macs) - classifier) / 1e6) == complexity
    assert depth(network) == 50  # section 4.2


@pytest.mark.parametrize(("groups", "scale", "stem", "complexity", "params"), README)
def test_readme(groups: int, scale: float, stem: int, complexity: int, params: float) -> None:
    stages = [[int(scale * c), n] for c, n in zip(TABLE[groups][0], (4, 8, 4), strict=True)]
    network = netspec.load(f"shufflenet_v1_g{groups}", stem=stem, stages=stages)
    assert abs(known(network.macs) / 1e6 - complexity) < 0.6
    assert round(network.params / 1e6, 1) == params


def test_groups_of_convolutions() -> None:
    """Table 1's caption: all 1x1 are grouped but for the first of stage 2."""
    network = stock("shufflenet_v1_g8")
    pointwise = [
        node.layer.group
        for node in within(network, "features")
        if isinstance(node.layer, Convolution) and node.layer.kernel_size == 1
    ]
    assert pointwise == [1, *[8] * 31]


def test_each_group_reads_of_all_groups() -> None:
    """Of 15 channels in three groups, 0 to 4 and so on, the top's groups have some of each."""
    network = stock("shufflenet_v1_g3")
    shuffle = layer(network, "features.1.shuffle")
    assert isinstance(shuffle.layer, ChannelShuffle)
    groups = shuffle.layer.group
    assert (groups, shuffle.top[0][1]) == (20, 60)
    rows = 60 // groups
    order = [g * rows + k for k in range(rows) for g in range(groups)]
    for group in range(3):
        mine = order[20 * group : 20 * (group + 1)]
        assert {channel // 20 for channel in mine} == {0, 1, 2}
