"""RegNet: the widths that its parameters give, and published totals."""

import math
from collections import Counter
from dataclasses import dataclass

import pytest

import netspec
from netspec.layers.convolution import Convolution
from tests.specs.measuring import hwc, known, layer, stock, within


@dataclass(frozen=True)
class Line:
    """Radosavovic et al. 2020, equations 2 to 4: how wide the blocks are."""

    depth: int
    initial: int
    slope: float
    step: float
    group_width: int

    def widths(self) -> list[int]:
        """Of each block, a multiple of 8."""
        found = []
        for number in range(self.depth):
            wanted = self.initial + self.slope * number
            power = round(math.log(wanted / self.initial) / math.log(self.step))
            found.append(round(self.initial * self.step**power / 8) * 8)
        return found


LINES = {
    "regnet_x_400mf": Line(22, 24, 24.48, 2.54, 16),
    "regnet_x_800mf": Line(16, 56, 35.73, 2.28, 16),
    "regnet_x_1_6gf": Line(18, 80, 34.01, 2.25, 24),
    "regnet_x_3_2gf": Line(25, 88, 26.31, 2.25, 48),
    "regnet_x_8gf": Line(23, 80, 49.56, 2.88, 120),
    "regnet_x_16gf": Line(22, 216, 55.59, 2.1, 128),
    "regnet_x_32gf": Line(23, 320, 69.86, 2.0, 168),
    "regnet_y_400mf": Line(16, 48, 27.89, 2.09, 8),
    "regnet_y_800mf": Line(14, 56, 38.84, 2.4, 16),
    "regnet_y_1_6gf": Line(27, 48, 20.71, 2.65, 24),
    "regnet_y_3_2gf": Line(21, 80, 42.63, 2.66, 24),
    "regnet_y_8gf": Line(17, 192, 76.82, 2.19, 56),
    "regnet_y_16gf": Line(18, 200, 106.23, 2.48, 112),
    "regnet_y_32gf": Line(20, 232, 115.89, 2.53, 232),
    "regnet_y_128gf": Line(27, 456, 160.83, 2.52, 264),
}
"""The parameters that torchvision calls `BlockParams.from_init_params` with."""


def in_groups(width: int, group_width: int) -> int:
    """torchvision's rule: the next multiple of the groups' width, but none that is a tenth less."""
    group = min(group_width, width)
    near = (width + group // 2) // group * group
    return near if near >= 0.9 * width else near + group


@pytest.mark.parametrize("name", LINES)
def test_stages(name: str) -> None:
    line, network = LINES[name], stock(name)
    stages = [
        [in_groups(width, line.group_width), depth]
        for width, depth in Counter(line.widths()).items()
    ]
    assert network.variables["stages"] == stages
    for number, (width, depth) in enumerate(stages, 1):
        scope = f"trunk_output.block{number}"
        size = 224 // 2 ** (number + 1)
        assert hwc(within(network, scope)[-1]) == [size, size, width]
        assert len({node.path.split(".")[2] for node in within(network, scope)}) == depth


MODEL_ZOO = {
    "regnet_x_400mf": (0.4, 5.2),
    "regnet_x_800mf": (0.8, 7.3),
    "regnet_x_1_6gf": (1.6, 9.2),
    "regnet_x_3_2gf": (3.2, 15.3),
    "regnet_x_8gf": (8.0, 39.6),
    "regnet_x_16gf": (15.9, 54.3),
    "regnet_x_32gf": (31.7, 107.8),
    "regnet_y_400mf": (0.4, 4.3),
    "regnet_y_800mf": (0.8, 6.3),
    "regnet_y_1_6gf": (1.6, 11.2),
    "regnet_y_3_2gf": (3.2, 19.4),
    "regnet_y_8gf": (8.0, 39.2),
    "regnet_y_16gf": (15.9, 83.6),
    "regnet_y_32gf": (32.3, 145.0),
}
"""Billions of multiply-accumulates, millions of parameters: the authors' MODEL_ZOO.md (pycls)."""
ROUNDED_DOWN = {
    "regnet_x_400mf": [[32, 1], [64, 2], [160, 7], [384, 12]],
    "regnet_y_800mf": [[64, 1], [128, 3], [320, 8], [768, 2]],
    "regnet_y_8gf": [[168, 2], [448, 4], [896, 10], [2016, 1]],
}
"""Where the authors' stages are narrower than torchvision's: they take the nearest multiple, of two
as near the even one.
"""


@pytest.mark.parametrize("name", MODEL_ZOO)
def test_totals(name: str) -> None:
    macs, params = MODEL_ZOO[name]
    stages = ROUNDED_DOWN.get(name, stock(name).variables["stages"])
    network = netspec.load(name, stages=stages)
    assert abs(known(network.macs) / 1e9 - macs) <= 0.05
    assert abs(network.params / 1e6 - params) <= 0.05


def test_narrow_stages_have_narrower_groups() -> None:
    """As torchvision's: the first stage of X-8GF is one group of its 80 channels."""
    paths = [f"trunk_output.block{number}.block{number}-0.f.b.0" for number in range(1, 5)]
    layers = [layer(stock("regnet_x_8gf"), path).layer for path in paths]
    assert [each.group for each in layers if isinstance(each, Convolution)] == [1, 2, 6, 16]
