"""PReLU-nets: the columns of Table 3 in He et al. 2015, and what is peculiar to their layers."""

import pytest

from netspec.layers.pooling import Pooling
from tests.specs.measuring import depth, hwc, layer, of_kind, stock, within

# Convolutions and filters in each stage, and the layers with weights.
TABLE_3 = {
    "prelu_net_a": (5, (256, 512, 512), 19),
    "prelu_net_b": (6, (256, 512, 512), 22),
    "prelu_net_c": (6, (384, 768, 896), 22),
}


def figures(number: int, widths: tuple[int, ...]) -> tuple[int, int]:
    """Parameters and multiply-accumulates by hand."""
    params, macs = (7**2 * 3 + 1 + 1) * 96, 7**2 * 3 * 96 * 112**2
    before = 96
    for width, side in zip(widths, (56, 28, 14), strict=True):
        weights = 9 * width * (before + (number - 1) * width)
        params += weights + 2 * number * width  # a bias and a slope for each filter
        macs += weights * side**2
        before = width
    read = before * (7**2 + 3**2 + 2**2 + 1)
    products = read * 4096 + 4096**2 + 4096 * 1000
    return params + products + 4 * 4096 + 1000, macs + products


@pytest.mark.parametrize("name", TABLE_3)
def test_totals(name: str) -> None:
    number, widths, layers = TABLE_3[name]
    network = stock(name)
    assert (network.params, network.macs) == figures(number, widths)
    assert depth(network) == layers


def test_sizes() -> None:
    network = stock("prelu_net_a")
    ends = {
        name: hwc(within(network, name)[-1])[0] for name in ("conv1", "conv2", "conv3", "conv4")
    }
    assert ends == {"conv1": 112, "conv2": 56, "conv3": 28, "conv4": 14}


def test_the_pyramid_has_windows_as_in_he_et_al_2014() -> None:
    """Of ceil(a / n) elements, at steps of floor(a / n)."""
    network = stock("prelu_net_a")
    pools = of_kind(within(network, "spp"), Pooling)
    windows = [(each.kernel_size, each.stride) for each in pools.values()]
    assert windows == [(2, 2), (5, 4), (7, 7), (14, 14)]
    assert [hwc(layer(network, path))[0] for path in pools] == [7, 3, 2, 1]


def test_slopes_are_a_quarter_at_first_and_do_not_decay() -> None:
    """Section 2.1."""
    network = stock("prelu_net_a")
    slopes = [p for node in network if node.type == "PReLU" for p in node.parameters]
    assert {(p.filler.type, p.filler.value, p.decay_mult) for p in slopes} == {
        ("constant", 0.25, 0)
    }
    assert sum(p.elements for p in slopes) == 96 + 5 * (256 + 512 + 512) + 2 * 4096
    assert layer(network, "conv1.0").parameters[0].decay_mult == 1


def test_weights_keep_the_variance_of_what_passes() -> None:
    """Equation 10: normal, with twice the inverse of the fan in as variance."""
    kernels = [p for p in stock("prelu_net_a").parameters if len(p.shape) == 4]
    assert {(p.filler.type, p.filler.variance_norm) for p in kernels} == {("msra", "FAN_IN")}
