"""ConvNeXt: the sizes of its stages, its totals, and what grows along it."""

import pytest

from netspec.layers.parameter import Parameter
from netspec.layers.regularization import DropPath
from tests.specs.measuring import hwc, layer, stock

TOTALS = {
    "convnext_tiny": (29e6, 4.5e9),
    "convnext_small": (50e6, 8.7e9),
    "convnext_base": (89e6, 15.4e9),
    "convnext_large": (198e6, 34.4e9),
}
"""The tables in the README of facebookresearch/ConvNeXt: parameters and multiply-accumulates at
224×224. (Its first table has 28 million for the smallest.)
"""


@pytest.mark.parametrize("name", TOTALS)
def test_totals(name: str) -> None:
    params, macs = TOTALS[name]
    network = stock(name)
    assert abs(network.params - params) <= 0.5e6
    assert isinstance(network.macs, int)
    assert abs(network.macs - macs) <= 0.05e9


def test_stages() -> None:
    """Table 9: output sizes of the stem and the four stages of ConvNeXt-T, and its blocks."""
    network = stock("convnext_tiny")
    found = [hwc(layer(network, path)) for path in ("features.0.1", "features.1.2.sum")]
    found += [hwc(layer(network, f"features.{n}.sum")) for n in ("3.2", "5.8", "7.2")]
    assert found == [[56, 56, 96], [56, 56, 96], [28, 28, 192], [14, 14, 384], [7, 7, 768]]
    layers = [node.layer for node in network]
    scales = [each.filler.value for each in layers if isinstance(each, Parameter)]
    assert scales == [1e-6] * (3 + 3 + 9 + 3)


@pytest.mark.parametrize(
    ("name", "last", "blocks"),
    [
        ("convnext_tiny", 0.1, 18),
        ("convnext_small", 0.4, 36),
        ("convnext_base", 0.5, 36),
        ("convnext_large", 0.5, 36),
    ],
)
def test_stochastic_depth(name: str, last: float, blocks: int) -> None:
    """From nothing in the first block to the authors' `--drop_path` (TRAINING.md) in the last."""
    layers = [node.layer for node in stock(name)]
    found = [each.drop_ratio for each in layers if isinstance(each, DropPath)]
    assert found == pytest.approx([last * number / (blocks - 1) for number in range(blocks)])
