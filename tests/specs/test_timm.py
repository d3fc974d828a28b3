"""Stock networks that timm has: the very names, shapes, order and costs."""

import pytest

from tests.specs.measuring import stock
from tests.specs.reference import timm


@pytest.mark.parametrize("name", timm())
def test_it_is_timms(name: str) -> None:
    expected, network = timm()[name], stock(name)
    assert [(p.name, p.shape) for p in network.parameters] == expected.state_dict
    assert (network.params, network.macs) == (expected.params, expected.macs)
