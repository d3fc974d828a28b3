"""Expand: a blob stretched to the size of another."""

import numpy as np
import pytest
import torch

import netspec
from netspec.graph import Graph, Size
from netspec.layers.expand import Expand
from netspec.lower.flat import to_flat
from netspec.lower.torch import to_source, to_torch
from netspec.lower.weights import fresh
from tests.graphs import H, N, W
from tests.layers.layer_checks import (
    Reference,
    check_numbers,
    flops,
    layer_graph,
    refusal,
)
from tests.lower.onnx.checks import OPSETS, checked_model, run

Sizes = tuple[Size, ...]
IMAGE: Sizes = (N, 3, H, W)

CASES: dict[str, tuple[Expand, list[Sizes], Reference]] = {
    "all-axes": (Expand(), [(1, 3, 1, 1), IMAGE], lambda x, y: x.expand_as(y)),
    "known": (Expand(), [(1, 3, 1), (2, 3, 4)], lambda x, y: x.expand(2, 3, 4)),
    "to-the-batch": (Expand(axis=0), [(1, 1, 5), (N, 7, 5)], lambda x, y: x.expand(2, -1, -1)),
    "from-the-back": (Expand(axis=[-1]), [(N, 3, 1), (N, 4, W)], lambda x, y: x.expand(2, 3, 6)),
    "two-apart": (Expand(axis=[3, 1]), [(N, 1, 1, 1), IMAGE], lambda x, y: x.expand(2, 3, 1, 6)),
    "of-that-size": (Expand(axis=0), [(N, 1), (N, 4)], lambda x, y: x),
    "scalar": (Expand(), [(), ()], lambda x, y: x),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    check_numbers(*CASES[name])


def test_flops() -> None:
    assert flops(Expand(axis=0), (1, 1, 5), (N, 7, 5)) == 0


@pytest.mark.parametrize(
    ("layer", "shapes", "text"),
    [
        (Expand(), [(1, 3, 1, 1), IMAGE], "return in0.expand_as(in1)"),
        (Expand(axis=0), [(1, 1, 5), (N, 7, 5)], "return in0.expand(in1.shape[0], -1, -1)"),
    ],
)
def test_emitted(layer: Expand, shapes: list[Sizes], text: str) -> None:
    assert text in to_source(layer_graph(layer, *shapes))


TOKENS = """
netspec: 1
name: Net
inputs: {data: [N, 4, 6]}
layers:
  - {name: class_token, type: Parameter, shape: [1, 1, 6], filler: {type: gaussian}}
  - {name: first, type: Expand, bottom: [class_token, data], axis: 0}
  - {name: tokens, type: Concat, bottom: [first, data]}
"""


def test_a_class_token() -> None:
    graph: Graph = netspec.loads(TOKENS)
    source = to_source(graph)
    assert "self.class_token.expand(data.shape[0], -1, -1)" in source
    model = to_torch(graph)
    x = torch.randn(3, 4, 6)
    expected = torch.cat([model.get_parameter("class_token").expand(3, 1, 6), x], 1)
    assert torch.equal(model(x), expected)
    weights = fresh(graph, 3)
    model.load_state_dict({"class_token": torch.from_numpy(weights["class_token"])})
    for opset in OPSETS:
        (found,) = run(checked_model(graph, weights, opset), x.numpy())
        np.testing.assert_array_equal(found, model(x).detach().numpy())
    assert to_flat(netspec.loads(to_flat(graph))) == to_flat(graph)


@pytest.mark.parametrize(
    ("layer", "shapes", "code", "message"),
    [
        (
            Expand(),
            [(1, 3), IMAGE],
            "shape-mismatch",
            "Expand needs bottoms with equally many axes, got 1×3 and N×3×H×W",
        ),
        (
            Expand(),
            [(1, 2), (N, 3)],
            "shape-mismatch",
            "Expand stretches axes of size 1; it can't make 3 elements of the 2 along axis 1",
        ),
        (
            Expand(axis=0),
            [(N, 2), (H, 2)],
            "shape-mismatch",
            "Expand stretches axes of size 1; it can't make H elements of the N along axis 0",
        ),
        (Expand(axis=[]), [(1, 2), (N, 2)], "bad-axis", "Expand's `axis` is empty"),
        (Expand(axis=[0, -2]), [(1, 2), (N, 2)], "bad-axis", "Expand's `axis` names an axis twice"),
        (
            Expand(axis=2),
            [(1, 2), (N, 2)],
            "bad-axis",
            "Expand's `axis` is 2, but its bottom 1×2 has 2 axes",
        ),
    ],
)
def test_refusals(layer: Expand, shapes: list[Sizes], code: str, message: str) -> None:
    error = refusal(layer, *shapes)
    assert (error.code, error.message) == (code, message)
