"""What the variables of the emitted module hold, as far as peaks don't show it alone."""

import pytest
import torch

import netspec
from netspec.analysis.memory.passes import forward
from netspec.eager.layers import FUNCTIONS
from netspec.lower.torch.registry import Lowerings
from netspec.verify.examples import concrete
from tests.allocator import inference_peak
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


SIDES = "a: [N, 3, 8, 8], b: [N, 3, 8, 8]"
CONVOLVED = "type: Convolution, num_output: 4, kernel_size: 3"
ODD = {
    "a sum of what has names": (
        SIDES,
        f"name: c, {CONVOLVED}, bottom: a",
        "name: d, reuse: c, bottom: b",
        "name: e, type: Eltwise, bottom: [c, d]",
    ),
    "a layer that nothing reads": (
        "a: [N, 4, 8, 8]",
        "name: p, type: Sigmoid",
        "name: q, type: Convolution, num_output: 40, kernel_size: 1",
        "name: r, type: ReLU, bottom: p",
    ),
    "a chain of scopes that nothing reads": (
        "a: [N, 40, 4, 4]",
        "name: p, layers: [{type: Sigmoid}]",
        "name: q, layers: [{type: Sigmoid}]",
        "name: r, type: Sigmoid, bottom: a",
        "name: s, layers: [{name: t, type: TanH}, {type: ReLU}]",
        "name: u, type: AbsVal, bottom: r",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_inference(name: str) -> None:
    """Networks that aren't written as stock ones are."""
    inputs, *layers = ODD[name]
    listed = "".join(f"  - {{{each}}}\n" for each in layers)
    head = f"netspec: 1\nname: Net\nallow: [unused-layer]\ninputs: {{{inputs}}}\nlayers:\n"
    graph = netspec.loads(head + listed)
    view = graph.phase("TEST")
    given = [torch.zeros(concrete(blob.shape, {"N": 2})) for blob in view.inputs]
    assert forward(view, {"N": 2}).peak().bytes == inference_peak(graph.to_torch(), given)
