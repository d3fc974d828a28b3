"""NASNet-A: its paper's tables, and how its cells are put together."""

import pytest

from netspec.layers.shape import Pad
from tests.specs.measuring import hwc, known, layer, stock

TOTALS = {"nasnetamobile": (5.3, 564), "nasnetalarge": (88.9, 23_800)}
"""Zoph et al. 2017, Tables 2 and 3, and TF-Slim's nasnet/README.md: million parameters and
multiply-adds. The large one's 88.9 are with 1,001 classes and more; timm's have 88.75.
"""


@pytest.mark.parametrize("name", TOTALS)
def test_totals(name: str) -> None:
    params, millions = TOTALS[name]
    network = stock(name)
    assert abs(network.params / 1e6 - params) < 0.2
    assert abs(known(network.macs) / 1e6 / millions - 1) < 0.001


def test_the_small_one_is_pretrained_models() -> None:
    """Cadene's pretrained-models.pytorch 0.7.4, nasnetamobile with 1,000 classes: 5,289,978
    parameters, named as the large one's, without cells 4, 5, 10, 11, 16 and 17.
    """
    small, large = stock("nasnetamobile"), stock("nasnetalarge")
    assert small.params == 5_289_978
    lacking = tuple(f"cell_{number}." for number in (4, 5, 10, 11, 16, 17))
    names = [p.name for p in large.parameters if not p.name.startswith(lacking)]
    assert [p.name for p in small.parameters] == names


@pytest.mark.parametrize(
    ("name", "sizes"),
    [("nasnetamobile", [111, 56, 28, 14, 7]), ("nasnetalarge", [165, 83, 42, 21, 11])],
)
def test_sizes(name: str, sizes: list[int]) -> None:
    """Each reduction halves the image, and rounds up as TensorFlow does."""
    network = stock(name)
    filters = {"nasnetamobile": 44, "nasnetalarge": 168}[name]
    found = [hwc(layer(network, "conv0.bn"))]
    cells = ("cell_stem_0", "cell_stem_1", "reduction_cell_0", "reduction_cell_1")
    found += [hwc(layer(network, f"{cell}.concat")) for cell in cells]
    assert [height for height, _, _ in found] == sizes
    assert [channels for *_, channels in found][1:] == [
        filters,
        2 * filters,
        8 * filters,
        16 * filters,
    ]
    assert hwc(layer(network, "cell_1.concat"))[-1] == 6 * filters
    assert hwc(layer(network, "act"))[-1] == 24 * filters


@pytest.mark.parametrize(
    ("name", "beside"), [("nasnetamobile", "cell_3"), ("nasnetalarge", "cell_4")]
)
def test_what_is_read_beside_a_reduction(name: str, beside: str) -> None:
    """TF-Slim's skip_reduction_layer_input: the cell before it, or the one before that."""
    assert layer(stock(name), "cell_6.act").bottoms[0].name == f"{beside}.concat"
    assert (
        layer(stock(name), "cell_7.conv_prev_1x1.act").bottoms[0].name == "reduction_cell_0.concat"
    )


@pytest.mark.parametrize(
    ("name", "before"), [("nasnetamobile", [2, 1, 1, 1]), ("nasnetalarge", [2, 2, 1, 2])]
)
def test_padding_is_tensorflows(name: str, before: list[int]) -> None:
    """Of a 5x5 with stride 2: two before and behind, of an even image one before."""
    network = stock(name)
    cells = ("cell_stem_0", "cell_stem_1", "reduction_cell_0", "reduction_cell_1")
    pads = [layer(network, f"{cell}.comb_iter_0_left.separable_1.pad").layer for cell in cells]
    assert pads == [Pad(pad=[[n, 2], [n, 2]]) for n in before]


def test_the_five_blocks_of_a_normal_cell() -> None:
    """Figure 4: the sums that are joined, and the earlier input with them."""
    network = stock("nasnetamobile")
    joined = [blob.name for blob in layer(network, "cell_2.concat").bottoms]
    assert joined == [
        "cell_2.conv_prev_1x1.bn",
        *(f"cell_2.comb_iter_{number}" for number in range(5)),
    ]
    joined = [blob.name for blob in layer(network, "reduction_cell_0.concat").bottoms]
    assert joined == [f"reduction_cell_0.comb_iter_{number}" for number in (1, 2, 3, 4)]
