"""The totals that papers print, for stock networks that torchvision has and that it hasn't."""

from collections.abc import Callable

import pytest

import netspec
from tests.specs.measuring import depth, macs, stock, weights
from tests.specs.reference import Paper, papers

EXACT = {
    # By hand from section 4.2: 16·(27 + 2) + stages of 2n convolutions and normalizations + 650.
    "resnet20": (269_722, 40_551_040),
    "resnet32": (464_154, 68_862_592),
    "resnet44": (658_586, 97_174_144),
    "resnet56": (853_018, 125_485_696),
    "resnet110": (1_727_962, 252_887_680),
    "plain20": (269_722, 40_551_040),
    "plain56": (853_018, 125_485_696),
    "preresnet164": (1_703_258, 244_500_992),
    "lenet": (431_080, 2_293_000),
}
"""Parameters and multiply-accumulates of the networks that no other table here has exactly."""


QUANTITIES: dict[str, Callable[[netspec.Graph], int]] = {
    "params": lambda network: network.params,
    "macs": macs,
    "weights": weights,
}


def shown(paper: Paper) -> str:
    variables = "".join(f" {name}={value}" for name, value in paper.variables.items())
    return f"{paper.network}{variables} {paper.quantity}"


@pytest.mark.parametrize("paper", papers(), ids=shown)
def test_total(paper: Paper) -> None:
    network = netspec.load(paper.network, **paper.variables)
    assert abs(QUANTITIES[paper.quantity](network) - paper.printed) <= paper.tolerance


@pytest.mark.parametrize("name", EXACT)
def test_exact_total(name: str) -> None:
    assert (stock(name).params, stock(name).macs) == EXACT[name]


def cifar_figures(number: int) -> tuple[int, int]:
    """Parameters and multiply-accumulates of 6n + 2 layers, from the paper's description."""
    blocks = (number - 2) // 6
    params, macs = 27 * 16 + 2 * 16, 27 * 16 * 32**2
    before = 16
    for stage, channels in enumerate((16, 32, 64)):
        first, rest = 9 * before * channels, 9 * channels**2 * (2 * blocks - 1)
        params += first + rest + 2 * channels * 2 * blocks
        macs += (first + rest) * (32 // 2**stage) ** 2
        before = channels
    return params + 65 * 10, macs + 640


@pytest.mark.parametrize("number", [20, 32, 44, 56, 110])
def test_cifar_networks_follow_the_papers_description(number: int) -> None:
    network = stock(f"resnet{number}")
    assert (network.params, network.macs) == cifar_figures(number)
    assert depth(network) == number


def test_the_depth_in_a_name_is_what_the_network_has() -> None:
    assert depth(stock("preresnet164")) == 164
    assert depth(stock("resnet110")) == 110


def test_option_a_has_the_papers_cost_of_plain_networks() -> None:
    """Section 3.3: a plain network and its residual one have the same parameters and cost."""
    for number in (20, 56):
        plain, residual = stock(f"plain{number}"), stock(f"resnet{number}")
        assert (plain.params, plain.macs) == (residual.params, residual.macs)
