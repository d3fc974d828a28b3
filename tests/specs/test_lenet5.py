"""LeNet-5: the counts that LeCun et al. print in section II-B, Table I, and the last layer."""

from functools import cache

import torch
from torch import Tensor, nn

import netspec
from netspec.graph import Node
from tests.specs.measuring import elements, hwc, known, stock, within

# Parameters, and connections: an input or a bias to a unit.
SECTION_II_B = {
    "C1": (156, 122_304),
    "S2": (12, 5_880),
    "C3": (1_516, 151_600),
    "S4": (32, 2_000),
    "C5": (48_120, 48_120),
    "F6": (10_164, 10_164),
    "output": (0, 840),  # the pictures stay as they are; their connections make up the total
}
TOTALS = (60_000, 340_908)

# Table I: the maps of S2 (rows) that each map of C3 (columns) reads.
TABLE_I = """
X . . . X X X . . X X X X . X X
X X . . . X X X . . X X X X . X
X X X . . . X X X . . X . X X X
. X X X . . X X X X . . X . X X
. . X X X . . X X X X . X X . X
. . . X X X . . X X X X . X X X
"""


def connections(node: Node) -> int:
    """Weights and biases that meet in a layer's units."""
    match node.type:
        case "Convolution" | "InnerProduct":
            return known(node.macs) + elements(node)
        case "Scale":  # of the sum of four
            return (4 + 1) * elements(node)
        case "Bias":  # a coordinate of a picture
            return elements(node)
    return 0


def test_counts() -> None:
    network = stock("lenet5")
    found = {}
    for name in SECTION_II_B:
        nodes = within(network, name)
        found[name] = (sum(each.params for each in nodes), sum(map(connections, nodes)))
    assert found == SECTION_II_B
    assert network.params == TOTALS[0] == sum(params for params, _ in found.values())
    assert sum(count for _, count in found.values()) == TOTALS[1]


def test_sizes() -> None:
    network = stock("lenet5")
    ends = {name: hwc(within(network, name)[-1]) for name in SECTION_II_B}
    assert ends == {
        "C1": [28, 28, 6],
        "S2": [14, 14, 6],
        "C3": [10, 10, 16],
        "S4": [5, 5, 16],
        "C5": [1, 1, 120],
        "F6": [84],
        "output": [10],
    }


@cache
def model() -> nn.Module:
    torch.manual_seed(0)
    return stock("lenet5").to_torch().eval()


def test_maps_read_those_that_table_i_says() -> None:
    maps = torch.randn(1, 6, 14, 14, requires_grad=True)
    given = model().get_submodule("C3")(maps)
    rows = []
    for number in range(16):
        (gradient,) = torch.autograd.grad(given[0, number].sum(), maps, retain_graph=True)
        rows.append([bool(each.any()) for each in gradient[0]])
    table = [line.split() for line in TABLE_I.split("\n") if line]
    assert rows == [[cell == "X" for cell in column] for column in zip(*table, strict=True)]


def test_squashing() -> None:
    """Appendix A: A is 1.7159 and S is 2/3, so that f(1) is 1 and f(-1) is -1."""
    one = torch.tensor([[1.0, -1.0]])
    given = model().get_submodule("F6.squash")(one)
    torch.testing.assert_close(given, one, atol=1e-4, rtol=0)


def test_subsampling() -> None:
    layer = model().get_submodule("S2")
    maps = torch.randn(1, 6, 28, 28)
    state = layer.state_dict()
    sums = maps.unfold(2, 2, 2).unfold(3, 2, 2).sum((-2, -1))
    scale, bias = (state[f"scale.{name}"].view(6, 1, 1) for name in ("weight", "bias"))
    torch.testing.assert_close(layer(maps), 1.7159 * torch.tanh(2 / 3 * (scale * sums + bias)))


def test_a_digits_picture_is_at_no_distance_from_it() -> None:
    layer = model().get_submodule("output")
    pictures = layer.state_dict()["digits"]
    distances = layer(pictures)
    assert pictures.abs().eq(1).all()
    assert distances.argmin(1).tolist() == [*range(10)]
    torch.testing.assert_close(distances, torch.cdist(pictures, pictures) ** 2, atol=1e-3, rtol=0)


def test_the_loss_is_equation_9() -> None:
    network = netspec.load("lenet5", rubbish=2)
    module = network.to_torch().train()
    label = torch.tensor([3, 8])
    given = module(torch.randn(2, 1, 32, 32), label=label)
    distances: Tensor = given["output"]
    right = distances.gather(1, label[:, None])[:, 0]
    all_of_them = torch.exp(-distances).sum(1) + torch.exp(torch.tensor(-2.0))
    torch.testing.assert_close(given["loss"], (right + all_of_them.log()).mean())
