"""DenseNet: its depth, the sizes of Table 1, and totals by the paper's rules."""

import pytest

from tests.specs.measuring import depth, hwc, layer, stock

NETWORKS = {
    "densenet121": (32, [6, 12, 24, 16]),
    "densenet161": (48, [6, 12, 36, 24]),
    "densenet169": (32, [6, 12, 32, 32]),
    "densenet201": (32, [6, 12, 48, 32]),
    "densenet264": (32, [6, 12, 64, 48]),
}
"""Huang et al. 2017, Table 1: the growth rate and the layers of each block. (161 is in the first
versions of the paper.)
"""


def by_hand(growth: int, blocks: list[int]) -> tuple[int, int]:
    """Parameters and multiply-accumulates, from section 3: bottlenecks of 4k channels, transitions
    that halve; images of 224×224.
    """
    channels, size = 2 * growth, 112**2
    params = 7 * 7 * 3 * channels
    macs = params * size
    params += 2 * channels
    for number, layers in enumerate(blocks):
        size //= 4
        for _ in range(layers):
            weights = channels * 4 * growth + 9 * 4 * growth * growth
            params += weights + 2 * channels + 2 * 4 * growth
            macs += weights * size
            channels += growth
        if number < len(blocks) - 1:
            weights = channels * channels // 2
            params += weights + 2 * channels
            macs += weights * size
            channels //= 2
    return params + 2 * channels + 1000 * (channels + 1), macs + 1000 * channels


@pytest.mark.parametrize("name", NETWORKS)
def test_totals(name: str) -> None:
    network = stock(name)
    assert (network.params, network.macs) == by_hand(*NETWORKS[name])


@pytest.mark.parametrize(("name", "mebi"), [("densenet161", 27.35), ("densenet264", 31.79)])
def test_published_parameters(name: str, mebi: float) -> None:
    """Wang et al. 2020, ECA-Net, Table 4, whose millions are 2**20."""
    assert abs(stock(name).params / 2**20 - mebi) <= 0.005


@pytest.mark.parametrize("name", NETWORKS)
def test_the_depth_in_a_name_is_what_the_network_has(name: str) -> None:
    """But for 264, where the paper counts one too few: 2·(6 + 12 + 64 + 48) + 3 + 2."""
    named = int(name.removeprefix("densenet"))
    assert depth(stock(name)) == {264: 265}.get(named, named)


def test_sizes() -> None:
    """Table 1, its column of output sizes; channels are 2k, k more a layer, half at transitions."""
    network = stock("densenet121")
    rows = {
        "conv0": [112, 112, 64],
        "pool0": [56, 56, 64],
        "denseblock1.denselayer6.concat": [56, 56, 256],
        "transition1.conv": [56, 56, 128],
        "transition1.pool": [28, 28, 128],
        "denseblock2.denselayer12.concat": [28, 28, 512],
        "transition2.conv": [28, 28, 256],
        "transition2.pool": [14, 14, 256],
        "denseblock3.denselayer24.concat": [14, 14, 1024],
        "transition3.conv": [14, 14, 512],
        "transition3.pool": [7, 7, 512],
        "denseblock4.denselayer16.concat": [7, 7, 1024],
    }
    assert {path: hwc(layer(network, f"features.{path}")) for path in rows} == rows
