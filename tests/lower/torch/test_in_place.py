"""Layers that write over what they read: where a person would let them, and nowhere else."""

from typing import Any

import pytest
import torch

import netspec
from netspec.lower.torch import to_torch
from tests.lower.torch.checks import checked_source
from tests.lower.torch.specs import RESIDUAL
from tests.lower.torch.test_blocks import loads

CONV = "{name: conv, type: Convolution, num_output: 3, kernel_size: 1}"


def source_of(*layers: str, blocks: str = "", more: str = "") -> str:
    return checked_source(loads("\n".join(f"  - {each}" for each in layers), blocks, more=more))


@pytest.mark.parametrize(
    "maker",
    [
        "{name: a, type: Convolution, num_output: 3, kernel_size: 1}",
        "{name: a, type: Deconvolution, num_output: 3, kernel_size: 2, stride: 2}",
        "{name: a, type: BatchNorm}",
        "{name: a, type: InnerProduct, num_output: 4}",
        "{name: a, type: InnerProduct, num_output: 4, transpose: true}",
        "{name: a, type: InnerProduct, num_output: 4, axis: -1}",
    ],
)
@pytest.mark.parametrize("relu", ["nn.ReLU", "nn.ReLU6", "nn.LeakyReLU"])
def test_a_rectifier_writes_over_what_only_it_reads(maker: str, relu: str) -> None:
    fields = {"nn.LeakyReLU": "type: ReLU, negative_slope: 0.01"}.get(relu, f"type: {relu[3:]}")
    assert f"self.b = {relu}(inplace=True)" in source_of(maker, f"{{name: b, {fields}}}")


@pytest.mark.parametrize(
    "layers",
    [
        pytest.param(["{name: relu, type: ReLU}"], id="the network's input"),
        pytest.param([CONV, "{type: Sigmoid}", "{name: relu, type: ReLU}"], id="gradient"),
        pytest.param([CONV, "{type: Dropout}", "{name: relu, type: ReLU}"], id="alias"),
        pytest.param([CONV, "{type: Flatten}", "{name: relu, type: ReLU}"], id="view"),
        pytest.param(
            [CONV, "{name: relu, type: ReLU}", "{type: Eltwise, bottom: [conv, relu]}"],
            id="another reader",
        ),
        pytest.param([CONV, "{name: relu, type: ReLU, negative_slope: -0.1}"], id="negative slope"),
    ],
)
def test_other_blobs_stay_as_they_are(layers: list[str]) -> None:
    assert "inplace" not in source_of(*layers)


def test_a_result_of_the_network_stays_as_it_is() -> None:
    assert "inplace" not in source_of(
        CONV, "{name: relu, type: ReLU}", more="outputs: [conv, relu]"
    )


def test_what_a_block_is_given_stays_as_it_is() -> None:
    blocks = """
  activated:
    layers:
      - {name: relu, type: ReLU}
      - {name: conv, type: Convolution, num_output: 3, kernel_size: 1}
"""
    assert "inplace" not in source_of(CONV, "{name: next, type: activated}", blocks=blocks)


def test_a_module_that_is_reused_writes_only_where_all_uses_may() -> None:
    relu = "{name: relu, type: ReLU}"
    again = "{name: again, reuse: relu, bottom: data}"
    join = "{type: Eltwise, bottom: [relu, again]}"
    assert "inplace" not in source_of(CONV, relu, again, join)
    other = "{name: other, type: Convolution, num_output: 3, kernel_size: 1, bottom: data}"
    again = "{name: again, reuse: relu, bottom: other}"
    assert "nn.ReLU(inplace=True)" in source_of(CONV, relu, other, again, join)


def test_a_sum_is_added_to_its_first_operand() -> None:
    source = checked_source(netspec.loads(RESIDUAL))
    assert "        out += shortcut\n        return self.relu2(out)\n" in source


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ("coeff: [1, -1]", "out -= data"),
        ("coeff: [1, 0.5]", "out += 0.5 * data"),
        ("coeff: [0.5, 1]", "return 0.5 * out + data"),
        ("operation: PROD", "return conv * data"),
    ],
)
def test_sums_with_factors(fields: str, text: str) -> None:
    assert text in source_of(CONV, f"{{name: sum, type: Eltwise, bottom: [conv, data], {fields}}}")


def test_an_operand_that_some_instances_lack_stays_as_it_is() -> None:
    """What stands for the absent convolution is the block's input, which isn't the block's."""
    blocks = """
  residual:
    args: {channels: required}
    layers:
      - {name: short, type: Convolution, num_output: $channels, kernel_size: 1,
         when: $(input.channels != channels)}
      - {name: conv, type: Convolution, num_output: $channels, kernel_size: 1, bottom: input}
      - {name: sum, type: Eltwise, bottom: [short, conv]}
"""
    layers = "{name: stage, type: residual, repeat: 2, channels: 4}"
    source = source_of(layers, blocks=blocks)
    assert source.count("class Residual(") == 1
    assert "+=" not in source


def test_results_and_gradients_are_those_of_the_plain_form() -> None:
    graph = netspec.loads(RESIDUAL)
    source = graph.to_source("torch")
    assert source.count("inplace=True") == 3
    plain = source.replace("inplace=True", "inplace=False")
    plain = plain.replace("out += shortcut", "out = out + shortcut")
    defined: dict[str, Any] = {"__name__": "plain"}
    exec(compile(plain, "plain", "exec"), defined)
    one, other = to_torch(graph).double(), defined["SmallResNet"]().double()
    other.load_state_dict(one.state_dict())
    data = torch.randn(2, 3, 16, 16, dtype=torch.float64)
    for model in (one, other):
        model(data).square().sum().backward()
    for mine, theirs in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad)


def test_the_instances_of_a_block_are_alike() -> None:
    """One of them has no convolution before its activation, which reads the block's input."""
    blocks = """
  unit:
    args: {opens: false}
    layers:
      - {name: conv, type: Convolution, num_output: 3, kernel_size: 1, when: $(not opens)}
      - {name: relu, type: ReLU}
      - {name: conv2, type: Convolution, num_output: 3, kernel_size: 1}
"""
    source = source_of("{name: a, type: unit, repeat: 3, first: {opens: true}}", blocks=blocks)
    assert "self.relu = nn.ReLU()\n" in source
    assert "inplace" not in source


@pytest.mark.parametrize("operation", ["PROD", "MAX", "MIN"])
def test_what_the_gradient_of_many_asks_for_stays_as_it_is(operation: str) -> None:
    """More than 64 are stacked and reduced in one step, which keeps its result."""
    convs = [f"{{name: c{n}, {CONV[13:-1]}, bottom: data}}" for n in range(65)]
    names = ", ".join(f"c{n}" for n in range(65))
    joined = f"{{name: joined, type: Eltwise, operation: {operation}, bottom: [{names}]}}"
    text = "\n".join(f"  - {each}" for each in (*convs, joined, "{name: relu, type: ReLU}"))
    model = to_torch(loads(text, ""))
    model(torch.ones(1, 3, 8, 8)).sum().backward()
