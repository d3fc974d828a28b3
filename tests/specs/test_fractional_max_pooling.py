"""Fractional max-pooling: the sizes and filters of Graham 2014's (k n C2 - FMP)_l - C2 - C1."""

import pytest

from netspec.layers.regularization import Dropout
from tests.specs.measuring import depth, hwc, layer, of_kind, stock, weighted

# Filters of the first level, levels, what they shrink by, and the side of the framed image.
NETWORKS = {
    "fmp_mnist": (32, 6, 2 ** (1 / 2), 1, 36),
    "fmp_cifar100": (64, 12, 2 ** (1 / 3), 3, 94),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_sizes(name: str) -> None:
    """The author's: from 2x2 backwards, each level reads what it gives times the factor, rounded,
    and the convolution before it a row and a column more.
    """
    _, levels, factor, _, side = NETWORKS[name]
    gives = [2]
    for _ in range(levels - 1):
        gives.insert(0, round(gives[0] * factor) + 1)
    network = stock(name)
    assert [hwc(layer(network, f"level.{i}.fmp"))[0] for i in range(levels)] == gives
    assert hwc(layer(network, "frame"))[0] == side == round(gives[0] * factor) + 1


@pytest.mark.parametrize("name", NETWORKS)
def test_filters(name: str) -> None:
    """The n-th convolution has k·n, the last two go on."""
    width, levels, _, channels, _ = NETWORKS[name]
    network = stock(name)
    filters = [width * (number + 1) for number in range(levels + 2)]
    *found, output = [hwc(node)[-1] for node in network if weighted(node)]
    assert found == filters
    reads = [channels, *filters]
    kernels = [4] * (levels + 1) + [1]
    assert network.params == sum(
        (kernel * read + 1) * given
        for kernel, read, given in zip(kernels, reads, filters, strict=False)
    ) + output * (filters[-1] + 1)
    assert depth(network) == levels + 3


def test_dropout_grows_evenly() -> None:
    dropouts = of_kind(stock("fmp_cifar100"), Dropout)
    ratios = [each.dropout_ratio for each in dropouts.values()]
    assert ratios == pytest.approx([number / 13 * 0.5 for number in range(14)])
