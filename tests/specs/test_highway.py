"""Highway networks: the authors' prototxts, and what an open gate and a closed one let pass."""

import pytest
import torch

import netspec
from tests.specs.measuring import depth, layer, stock


def highway(width: int) -> int:
    """The parameters of two 3x3 convolutions that keep the number of maps."""
    return 2 * (9 * width + 1) * width


# Parameters by hand, and the layers with weights: in the gates stand some beside those.
TOTALS = {
    "highway_cifar10": (
        (27 + 1) * 32
        + 4 * highway(32)
        + (9 * 32 + 1) * 80
        + 5 * highway(80)
        + (9 * 80 + 1) * 128
        + 5 * highway(128)
        + (128 + 1) * 100
        + (100 + 1) * 10,
        19,
    ),
    "highway_mnist": ((25 + 1) * 32 + 8 * highway(32) + (3 * 3 * 32 + 1) * 10, 10),
}

# By hand: 9 weights for each two maps, twice, at each place.
MACS = {
    "highway_cifar10": 27 * 32 * 32**2
    + 4 * 18 * 32**2 * 32**2
    + (9 * 32 * 80 + 5 * 18 * 80**2) * 16**2
    + (9 * 80 * 128 + 5 * 18 * 128**2) * 8**2
    + 128 * 100 * 8**2
    + 100 * 10,
    "highway_mnist": 25 * 32 * 24**2 + 18 * 32**2 * (2 * 24**2 + 3 * 12**2 + 3 * 6**2) + 288 * 10,
}


@pytest.mark.parametrize("name", TOTALS)
def test_totals(name: str) -> None:
    network = stock(name)
    params, layers = TOTALS[name]
    assert (network.params, network.macs, depth(network)) == (params, MACS[name], layers)


@pytest.mark.parametrize(("bias", "carried"), [(-100.0, True), (100.0, False)])
def test_a_closed_gate_carries_its_input(bias: float, carried: bool) -> None:
    torch.manual_seed(0)
    highway = stock("highway_mnist").to_torch().eval().get_submodule("stage2.highway.0")
    with torch.no_grad():
        highway.get_parameter("gate.bias").fill_(bias)
        maps = torch.randn(1, 32, 6, 6)
        given, transformed = highway(maps), highway.get_submodule("conv")(maps).relu()
    torch.testing.assert_close(given, maps if carried else transformed)


@pytest.mark.parametrize(("name", "bias"), [("highway_cifar10", -2), ("highway_mnist", -1)])
def test_gates_are_nearly_closed_at_first(name: str, bias: int) -> None:
    gate = layer(stock(name), "stage2.highway.1.gate")
    assert [p.filler.value for p in gate.parameters if p.name.endswith(".bias")] == [bias]


def test_width_is_free() -> None:
    """The paper's narrower network for MNIST."""
    stages = [{"highways": 3, "window": window, "dropout_ratio": 0.5} for window in (3, 2)]
    first = {"filters": 16, "kernel_size": 5, "pad": 0, "highways": 2, "window": 3}
    network = netspec.load("highway_mnist", stages=[first, *stages])
    assert network.params == 26 * 16 + 8 * highway(16) + (9 * 16 + 1) * 10
