"""What the variables of the emitted module hold, as far as peaks don't show it alone."""

import pytest

import netspec
from netspec.eager.layers import FUNCTIONS
from netspec.lower.torch.registry import Lowerings
from tests.stock import every_network

MIXED = {"Pad", "Pooling", "Upsample", "Slice"}
"""Layers that are a module in one form, and in others none."""


@pytest.mark.parametrize("name", every_network())
def test_links_of_a_chain(name: str) -> None:
    """What stands in an nn.Sequential is decided from the lowering there, from a table here."""
    graph = netspec.load(name)
    lowerings = Lowerings()
    for node in graph.nodes:
        if len(node.bottoms) == len(node.tops) == 1 and node.type not in MIXED and not node.reused:
            lowered = lowerings.of(node)
            is_link = lowered.module is not None and lowered.applied is None
            assert is_link == (node.type not in FUNCTIONS), node.type
