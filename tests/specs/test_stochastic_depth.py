"""Stochastic depth: a ResNet-110 of He et al., and how often Huang et al. skip its blocks."""

import pytest

import netspec
from netspec.layers.pooling import Pooling
from netspec.layers.regularization import DropPath
from tests.specs.measuring import depth, layer, of_kind, stock


def test_it_has_the_weights_of_resnet_110() -> None:
    network, plain = stock("resnet110_stochastic"), stock("resnet110")
    assert (network.params, network.macs) == (plain.params, plain.macs)
    assert depth(network) == 110
    shapes = [p.shape for p in network.parameters]
    assert shapes == [p.shape for p in plain.parameters]


def test_survival_decays_linearly() -> None:
    """Equation 4: p of block l is 1 - l / L (1 - p of the last one), here 54 blocks down to 0.5."""
    drops = of_kind(stock("resnet110_stochastic"), DropPath).values()
    expected = [number / 54 * 0.5 for number in range(1, 55)]
    assert [each.drop_ratio for each in drops] == pytest.approx(expected)


def test_shortcuts_average_and_pad() -> None:
    network = stock("resnet110_stochastic")
    pool = of_kind(network, Pooling)["layer3.0.shortcut.average"]
    assert (pool.pool, pool.kernel_size, pool.stride) == ("AVE", 2, 2)
    assert [*layer(network, "layer3.0.shortcut.pad").top[0]][1:] == [64, 8, 8]


@pytest.mark.slow
def test_1202_layers() -> None:
    """He et al. 2015, Table 6: 19.4 million parameters."""
    network = netspec.load("resnet110_stochastic", blocks=200)
    assert depth(network) == 1202
    assert abs(network.params - 19.4e6) < 0.05e6
