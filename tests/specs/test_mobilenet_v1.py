"""MobileNet v1: the tables of Howard et al. 2017."""

import pytest

import netspec
from netspec.layers.convolution import Convolution
from tests.specs.measuring import depth, hwc, known, layer, macs, params, stock, weights

WIDTHS = {
    "mobilenet_v1": (569, 4.2),
    "mobilenet_v1_075": (325, 2.6),
    "mobilenet_v1_050": (149, 1.3),
    "mobilenet_v1_025": (41, 0.5),
}
"""Table 6: millions of multiply-adds and parameters. TF-Slim's mobilenet_v1.md has 317 for 0.75."""
RESOLUTIONS = {224: 569, 192: 418, 160: 290, 128: 186}
"""Table 7, truncated; TF-Slim's mobilenet_v1.md rounds to 291."""
KINDS = {
    "conv_pw": (94.86, 74.59),
    "conv_dw": (3.06, 1.06),
    "conv_stem": (1.91, 0.02),
    "classifier": (0.18, 24.33),
}
"""Table 2: percentages of multiply-adds and of weights. It prints 1.19 for the stem, with which the
column doesn't sum up to 100.
"""
ROWS = [
    *([112, 112, 32], [112, 112, 32], [112, 112, 64], [56, 56, 64], [56, 56, 128], [56, 56, 128]),
    *([56, 56, 128], [28, 28, 128], [28, 28, 256], [28, 28, 256], [28, 28, 256], [14, 14, 256]),
    *[[14, 14, 512]] * 11,
    *([7, 7, 512], [7, 7, 1024], [7, 7, 1024], [7, 7, 1024]),
]
"""Table 1: what each convolution gives, which is the next one's input size."""


def test_rows() -> None:
    """The last depthwise convolution keeps the size, though the table gives it a stride of 2."""
    network = stock("mobilenet_v1")
    assert [hwc(n) for n in network if isinstance(n.layer, Convolution)] == ROWS
    assert depth(network) == 28  # section 3.2


@pytest.mark.parametrize("name", WIDTHS)
def test_width_multiplier(name: str) -> None:
    millions, parameters = WIDTHS[name]
    network = stock(name)
    assert round(network.params / 1e6, 1) == parameters
    assert abs(known(network.macs) / 1e6 - millions) < 0.5


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_resolution_multiplier(resolution: int) -> None:
    network = netspec.load("mobilenet_v1", resolution=resolution)
    assert network.params == stock("mobilenet_v1").params
    assert abs(known(network.macs) / 1e6 - RESOLUTIONS[resolution]) < 1


def test_shallower() -> None:
    """Table 5: without the five layers of 14x14x512."""
    settings = [[64, 1, 1], [128, 2, 2], [256, 2, 2], [512, 1, 2], [1024, 2, 2]]
    network = netspec.load("mobilenet_v1", settings=settings)
    assert round(known(network.macs) / 1e6) == 307
    assert round(network.params / 1e6, 1) == 2.9


def test_a_convolution_in_two_steps() -> None:
    """Table 3: 14x14x512, 462 million and 2.36; 52.3 and 0.27 in two; thinner, 29.6 and 0.15."""

    def cost(name: str) -> tuple[float, float]:
        block = [layer(stock(name), f"blocks.3.2.conv_{step}") for step in ("dw", "pw")]
        return round(macs(block) / 1e6, 1), round(params(block) / 1e6, 2)

    full = 9 * 512 * 512
    assert (round(full * 14**2 / 1e6), round(full / 1e6, 2)) == (462, 2.36)
    assert cost("mobilenet_v1") == (52.3, 0.27)
    assert cost("mobilenet_v1_075") == (29.6, 0.15)


@pytest.mark.parametrize("kind", KINDS)
def test_shares_of_kinds_of_layers(kind: str) -> None:
    network = stock("mobilenet_v1")
    nodes = [node for node in network if node.name == kind]
    shares = macs(nodes) / known(network.macs), weights(nodes) / weights(network)
    assert [100 * share for share in shares] == pytest.approx(KINDS[kind], abs=0.006)
