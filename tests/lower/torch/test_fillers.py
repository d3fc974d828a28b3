"""Fresh weights: Caffe's fillers, as the emitted code draws them."""

from math import sqrt

import pytest
import torch

import netspec
from netspec.lower.torch import to_torch
from tests.lower.torch.checks import checked_source
from tests.lower.torch.specs import ALEXNET


def layer(filler: str, bias: str = "{type: constant}") -> netspec.Graph:
    return netspec.loads(f"""
netspec: 1
name: Net
inputs: {{data: [N, 30, 9, 9]}}
layers:
  - {{name: a, type: Convolution, num_output: 200, kernel_size: 3, weight_filler: {filler},
     bias_filler: {bias}}}
""")


FAN_IN, FAN_OUT = 30 * 9, 200 * 9
AVERAGE = (FAN_IN + FAN_OUT) / 2
NORMAL = {
    "{type: msra}": sqrt(2 / FAN_IN),
    "{type: msra, variance_norm: FAN_OUT}": sqrt(2 / FAN_OUT),
    "{type: msra, variance_norm: AVERAGE}": sqrt(2 / AVERAGE),
    "{type: gaussian, std: 0.02}": 0.02,
}
UNIFORM = {
    "{type: xavier}": sqrt(3 / FAN_IN),
    "{type: xavier, variance_norm: FAN_OUT}": sqrt(3 / FAN_OUT),
    "{type: xavier, variance_norm: AVERAGE}": sqrt(3 / AVERAGE),
    "{type: uniform, min: -0.5, max: 0.5}": 0.5,
}


@pytest.mark.parametrize("filler", NORMAL)
def test_normal(filler: str) -> None:
    graph = layer(filler)
    checked_source(graph)
    weight = to_torch(graph).get_parameter("a.weight")
    assert weight.std().item() == pytest.approx(NORMAL[filler], rel=0.02)
    assert weight.abs().max().item() > 3 * NORMAL[filler]


@pytest.mark.parametrize("filler", UNIFORM)
def test_uniform(filler: str) -> None:
    graph = layer(filler)
    checked_source(graph)
    weight = to_torch(graph).get_parameter("a.weight")
    assert weight.abs().max().item() == pytest.approx(UNIFORM[filler], rel=0.001)
    assert weight.std().item() == pytest.approx(UNIFORM[filler] / sqrt(3), rel=0.02)


def test_positive_unitball() -> None:
    graph = layer("{type: positive_unitball}", "{type: positive_unitball}")
    assert "def positive_unitball_(weight: Tensor) -> None:" in checked_source(graph)
    model = to_torch(graph)
    weight = model.get_parameter("a.weight")
    assert (weight >= 0).all()
    torch.testing.assert_close(weight.flatten(1).sum(1), torch.ones(200))
    torch.testing.assert_close(model.get_parameter("a.bias"), torch.ones(200))


def test_bilinear() -> None:
    graph = layer("{type: bilinear}")
    checked_source(graph)
    ramp = torch.tensor([0.5, 1, 0.5])
    kernel = to_torch(graph).get_parameter("a.weight")[7, 5]
    # Caffe: f = ceil(3 / 2) = 2, c = 2 / 4; 1 - |i / f - c| = 0.5, 1, 0.5.
    torch.testing.assert_close(kernel, torch.outer(ramp, ramp))


@pytest.mark.parametrize(
    ("filler", "deviation"),
    [
        ("{type: msra}", sqrt(2)),
        ("{type: msra, variance_norm: FAN_OUT}", sqrt(2 / 200)),
        ("{type: xavier}", 1),
        ("{type: gaussian, mean: 0, std: 2}", 2),
    ],
)
def test_drawn_biases(filler: str, deviation: float) -> None:
    graph = layer("{type: msra}", filler)
    checked_source(graph)
    bias = to_torch(graph).get_parameter("a.bias")
    assert bias.std().item() == pytest.approx(deviation, rel=0.2)


def test_exceptions_are_named() -> None:
    graph = netspec.loads(ALEXNET)
    source = checked_source(graph)
    assert "for layer in (self.conv1, self.conv3):" in source
    model = to_torch(graph)
    for parameter in graph.parameters:
        value = model.get_parameter(parameter.name)
        if parameter.filler.type == "constant":
            assert (value == parameter.filler.value).all(), parameter.name
        else:
            assert value.std().item() == pytest.approx(parameter.filler.std, rel=0.02)


BLOCKS = """
netspec: 1
name: Net
inputs: {data: [N, 4, 9, 9]}
blocks:
  pair:
    args: {value: 0}
    layers:
      - {name: a, type: Convolution, num_output: 4, kernel_size: 1}
      - {name: b, type: Convolution, num_output: 4, kernel_size: 1,
         bias_filler: {type: constant, value: VALUE}}
layers:
  - {name: first, type: pair, value: 2}
  - {name: second, type: pair, value: 3}
  - {name: end, type: Convolution, num_output: 40, kernel_size: 1}
"""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("5", "if isinstance(module, Pair):"),
        ("$value", "nn.init.constant_(self.get_parameter(name), 2.0)"),
    ],
)
def test_exceptions_inside_blocks(value: str, text: str) -> None:
    graph = netspec.loads(BLOCKS.replace("VALUE", value))
    assert text in checked_source(graph)
    model = to_torch(graph)
    for parameter in graph.parameters:
        if parameter.filler.type == "constant":
            value_now = model.get_parameter(parameter.name)
            assert (value_now == parameter.filler.value).all(), parameter.name


def test_a_seed_decides() -> None:
    graph = layer("{type: msra}")
    torch.manual_seed(7)
    one = to_torch(graph).get_parameter("a.weight")
    torch.manual_seed(7)
    assert torch.equal(one, to_torch(graph).get_parameter("a.weight"))


def test_what_a_constructor_fills_is_kept_beside_another_filler() -> None:
    """The rule for one kind of module doesn't reach those that are filled as they should be."""
    graph = netspec.loads("""
netspec: 1
name: Net
inputs: {data: [N, 3]}
layers:
  - {name: a, type: Scale}
  - {name: b, type: Scale, filler: {type: uniform, min: 5, max: 6}}
""")
    model = to_torch(graph)
    assert (model.get_parameter("a.weight") == 1).all()
    assert (model.get_parameter("b.weight") >= 5).all()
