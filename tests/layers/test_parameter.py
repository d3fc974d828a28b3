"""Parameter: a learned tensor as a layer."""

import numpy as np
import pytest
import torch

import netspec
from netspec.graph import Graph
from netspec.graph.fillers import Filler
from netspec.layers.parameter import Parameter
from netspec.lower.flat import to_flat
from netspec.lower.onnx.model import to_model
from netspec.lower.torch import to_torch
from netspec.lower.weights import fresh
from tests.graphs import Builder, N
from tests.layers.layer_checks import refusal
from tests.lower.onnx.checks import OPSETS, checked_model, run
from tests.lower.torch.checks import checked_source


def network(layers: str) -> Graph:
    graph: Graph = netspec.loads(
        f"netspec: 1\nname: Net\ninputs: {{data: [N, 4, 5, 6]}}\nlayers:\n{layers}"
    )
    return graph


SCALED = """
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: gamma, type: Parameter, shape: [4], filler: {value: 1e-6}}
  - {name: scaled, type: Scale, bottom: [conv, gamma], axis: 1}
"""


def both(graph: Graph) -> None:
    """The same numbers from both back ends."""
    weights = fresh(graph, 3)
    model = to_torch(graph).eval()
    model.load_state_dict({name: torch.from_numpy(weights[name]) for name in weights})
    x = np.random.default_rng(0).standard_normal((2, 4, 5, 6), np.float32)
    expected = model(torch.from_numpy(x)).detach().numpy()
    for opset in OPSETS:
        (found,) = run(checked_model(graph, weights, opset), x)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_built_by_hand() -> None:
    builder = Builder()
    data = builder.input("data", N, 3)
    tensor = builder.layer("gamma", Parameter(shape=[2, 3], filler=Filler(type="gaussian")))
    graph = builder.graph(tensor)
    assert [parameter.name for parameter in graph.parameters] == ["gamma"]
    assert graph.params == 6
    assert graph.nodes[0].flops == 0
    weights = fresh(graph, 5)
    (found,) = run(to_model(graph), np.zeros((1, 3), np.float32))
    assert found.shape == (2, 3)
    model = to_torch(graph)
    model.load_state_dict({"gamma": torch.from_numpy(weights["gamma"])})
    assert model(torch.zeros(1, 3)).equal(torch.from_numpy(weights["gamma"]))
    assert data.name == "data"


def test_layer_scale() -> None:
    graph = network(SCALED)
    source = checked_source(graph)
    assert "self.gamma = nn.Parameter(torch.full((4,), 1e-06))" in source
    assert "self.gamma" in source.partition("def forward")[2]
    assert list(to_torch(graph).state_dict()) == ["gamma", "conv.weight", "conv.bias"]
    assert [parameter.name for parameter in graph.parameters] == list(to_torch(graph).state_dict())
    both(graph)


def test_it_may_stand_first() -> None:
    both(
        network("""
  - {name: token, type: Parameter, shape: [1, 4, 1, 1], filler: {type: gaussian, std: 0.02}}
  - {name: sum, type: Scale, bottom: [data, token], axis: 0}
""")
    )


def test_fillers() -> None:
    graph = network("""
  - {name: zeros, type: Parameter, shape: [4]}
  - {name: ones, type: Parameter, shape: [4], filler: {value: 1}}
  - {name: drawn, type: Parameter, shape: [4], filler: {type: gaussian, std: 0.02}}
  - {name: scalar, type: Parameter, shape: []}
  - {name: a, type: Bias, bottom: [data, zeros], axis: 1}
  - {name: b, type: Scale, bottom: [a, ones], axis: 1}
  - {name: c, type: Scale, bottom: [b, drawn], axis: 1}
  - {name: d, type: Bias, bottom: [c, scalar], axis: 0}
""")
    source = checked_source(graph)
    for text in (
        "self.zeros = nn.Parameter(torch.zeros(4))",
        "self.ones = nn.Parameter(torch.ones(4))",
        "self.drawn = nn.Parameter(torch.empty(4))",
        "self.scalar = nn.Parameter(torch.zeros(()))",
        "nn.init.normal_(self.drawn, std=0.02)",
    ):
        assert text in source
    both(graph)


BLOCKS = """
  - {name: stage, type: block, repeat: 3, channels: 4}
"""
BLOCK = """
blocks:
  block:
    args: {channels: required}
    layers:
      - {name: conv, type: Convolution, num_output: $channels, kernel_size: 1}
      - name: gamma
        type: Parameter
        shape: [$channels]
        filler: {type: uniform, min: 0.5, max: 1.5}
      - {name: scaled, type: Scale, bottom: [conv, gamma], axis: 1}
"""


def test_in_blocks() -> None:
    text = f"netspec: 1\nname: Net\ninputs: {{data: [N, 4, 5, 6]}}\nlayers:{BLOCKS}{BLOCK}"
    graph: Graph = netspec.loads(text)
    source = checked_source(graph)
    assert "self.gamma = nn.Parameter(torch.empty(channels))" in source
    assert 'module.get_parameter("gamma")' in source
    assert list(to_torch(graph).state_dict())[:3] == [
        "stage.0.gamma",
        "stage.0.conv.weight",
        "stage.0.conv.bias",
    ]
    both(graph)


def test_several_in_a_row() -> None:
    graph = network("""
  - {name: scale, type: Parameter, shape: [4], filler: {value: 2}, repeat: 2}
  - {name: a, type: Scale, bottom: [data, scale.0], axis: 1}
  - {name: b, type: Scale, bottom: [a, scale.1], axis: 1}
""")
    checked_source(graph)
    assert list(to_torch(graph).state_dict()) == ["scale.0", "scale.1"]
    both(graph)


def test_frozen_and_shared() -> None:
    graph = network("""
  - {name: one, type: Parameter, shape: [4], param: [{name: g, lr_mult: 0}], filler: {value: 2}}
  - {name: two, type: Parameter, shape: [4], param: [{name: g, lr_mult: 0}]}
  - {name: a, type: Scale, bottom: [data, one], axis: 1}
  - {name: b, type: Scale, bottom: [a, two], axis: 1}
""")
    checked_source(graph)
    model = to_torch(graph)
    assert model.get_parameter("one") is model.get_parameter("two")
    assert not model.get_parameter("one").requires_grad
    both(graph)


def test_another_name_for_the_top() -> None:
    both(
        network("""
  - {name: gamma, type: Parameter, top: weights, shape: [4], filler: {value: 3}}
  - {name: scaled, type: Scale, bottom: [data, weights], axis: 1}
""")
    )


def test_flat_spec() -> None:
    graph = network(SCALED)
    again: Graph = netspec.loads(to_flat(graph))
    assert to_flat(again) == to_flat(graph)
    assert again.parameters == graph.parameters


def test_it_reads_nothing() -> None:
    with pytest.raises(netspec.SpecError) as caught:
        network("  - {name: gamma, type: Parameter, shape: [4], bottom: data}")
    assert caught.value.diagnostics[0].message == "Parameter reads 0 blobs, not 1"


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ([4], "a bilinear filler fills square kernels, but this tensor has 1 axis, not four"),
        ([1, 1, 2, 3], "a bilinear filler fills square kernels, not 2×3"),
    ],
)
def test_a_bilinear_filler_wants_square_kernels(shape: list[int], message: str) -> None:
    mistake = refusal(Parameter(shape=shape, filler=Filler(type="bilinear")))
    assert (mistake.code, mistake.field, mistake.message) == ("bad-value", "filler", message)
    assert not list(Parameter(shape=[1, 1, 2, 2], filler=Filler(type="bilinear")).check())
