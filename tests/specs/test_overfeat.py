"""OverFeat: the columns of the paper's Tables 1 and 3, and the totals of the authors' weights.

The lectures' figures of the accurate model are measured in `lectures/arithmetic.py`.
"""

from typing import Any

import pytest

import netspec
from tests.specs.measuring import known, layer, stock

# The paper's Table 1 prints 24 for what the second layer reads. That is what its 5x5 windows give:
# (231 - 11) / 4 + 1 = 56 places are pooled to 28.
READS = {
    "overfeat_fast": [231, 28, 12, 12, 12, 6, 1, 1],
    "overfeat_accurate": [221, 36, 15, 15, 15, 15, 5, 1, 1],
}

# The weights' offsets in the authors' files, as jhjin/overfeat-torch's run.lua reads them.
OFFSETS = {
    "overfeat_fast": [0, 34944, 649600, 1829760, 6549376, 15987584, 129236864, 141823872],
    "overfeat_accurate": [
        *(0, 14208, 1218688, 2398848, 4758656, 9478272),
        *(18916480, 123778176, 140559488),
    ],
}
# Of the accurate model the paper prints 144 million parameters and 5369 million connections.
TOTALS = {
    "overfeat_fast": (145_920_872, 2_801_403_904),
    "overfeat_accurate": (144_656_488, 5_355_446_784),
}
GIVES = {  # places of each layer, before they are pooled
    "overfeat_fast": [56, 24, 12, 12, 12, 1, 1, 1],
    "overfeat_accurate": [108, 30, 15, 15, 15, 15, 1, 1, 1],
}


@pytest.mark.parametrize("name", READS)
def test_what_the_layers_read(name: str) -> None:
    network = stock(name)
    layers = [layer(network, f"conv{number + 1}") for number in range(len(READS[name]))]
    assert [known(each.bottoms[0].shape[2]) for each in layers] == READS[name]


@pytest.mark.parametrize("name", OFFSETS)
def test_weights_are_those_of_the_authors_files(name: str) -> None:
    network = stock(name)
    layers = [layer(network, f"conv{number + 1}") for number in range(len(READS[name]))]
    offsets = [0]
    for each in layers:
        offsets.append(offsets[-1] + each.params)
    assert offsets == [*OFFSETS[name], TOTALS[name][0]]
    kernels = [each.params - known(each.top[0][1]) for each in layers]
    macs = sum(kernel * side**2 for kernel, side in zip(kernels, GIVES[name], strict=True))
    assert (network.params, network.macs) == TOTALS[name] == (offsets[-1], macs)


@pytest.mark.parametrize(
    ("name", "size", "step"), [("overfeat_fast", 231, 32), ("overfeat_accurate", 221, 36)]
)
def test_a_larger_image_has_more_places(name: str, size: int, step: int) -> None:
    """Section 3.3: the network looks at an image every 36 pixels (fast: 32)."""

    def shape(height: int) -> list[Any]:
        network = netspec.load(name, inputs={"data": ["N", 3, height, size]})
        return [*network.outputs["scores"]][1:]

    assert [shape(size + extra) for extra in (0, step - 1, step, 5 * step)] == [
        [1000, 1, 1],
        [1000, 1, 1],
        [1000, 2, 1],
        [1000, 6, 1],
    ]
