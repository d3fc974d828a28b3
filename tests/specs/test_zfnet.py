"""ZFNet: the sizes that Zeiler and Fergus print in Figure 3, and what comes of them."""

import pytest

from tests.specs.measuring import hwc, layer, stock

FIGURE_3 = {
    "conv1": [110, 110, 96],
    "pool1": [55, 55, 96],
    "conv2": [26, 26, 256],
    "pool2": [13, 13, 256],
    "conv3": [13, 13, 384],
    "conv4": [13, 13, 384],
    "conv5": [13, 13, 256],
    "pool5": [6, 6, 256],
    "fc6": [4096],
    "fc7": [4096],
    "fc8": [1000],
}


def figures(widths: tuple[int, int, int]) -> tuple[int, int]:
    """Parameters and multiply-accumulates by hand: weights, biases, places."""
    third, fourth, fifth = widths
    layers = [
        (3 * 7**2, 96, 110**2),
        (96 * 5**2, 256, 26**2),
        (256 * 3**2, third, 13**2),
        (third * 3**2, fourth, 13**2),
        (fourth * 3**2, fifth, 13**2),
        (fifth * 6**2, 4096, 1),
        (4096, 4096, 1),
        (4096, 1000, 1),
    ]
    params = sum((inputs + 1) * outputs for inputs, outputs, _ in layers)
    return params, sum(inputs * outputs * places for inputs, outputs, places in layers)


@pytest.mark.parametrize(
    ("name", "widths"), [("zfnet", (384, 384, 256)), ("zfnet_b", (512, 1024, 512))]
)
def test_totals(name: str, widths: tuple[int, int, int]) -> None:
    network = stock(name)
    assert (network.params, network.macs) == figures(widths)


def test_sizes() -> None:
    network = stock("zfnet")
    assert {name: hwc(layer(network, name)) for name in FIGURE_3} == FIGURE_3
