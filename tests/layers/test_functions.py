"""Elementary functions of each element."""

from math import e, log

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import netspec
from netspec.graph import Size
from netspec.layers import Layer
from netspec.layers.activation import ReLU
from netspec.layers.arithmetic import Eltwise
from netspec.layers.functions import AbsVal, Clip, Exp, Log, Power, Threshold
from netspec.lower.torch import to_source, to_torch
from tests.graphs import Builder, H, N, W
from tests.layers.layer_checks import (
    Reference,
    check_gradients,
    check_numbers,
    flops,
    layer_graph,
    refusal,
    values_for,
)
from tests.lower.onnx.checks import NEWEST
from tests.lower.torch.checks import checked_source

IMAGE: tuple[Size, ...] = (N, 3, H, W)
CASES: dict[str, tuple[Layer, str, Reference, int]] = {
    "abs": (AbsVal(), "return in0.abs()", torch.abs, 1),
    "identity": (Power(), "nn.Identity()", lambda x: x, 0),
    "shift": (Power(shift=1), "return in0 + 1.0", lambda x: x + 1, 1),
    "negative-shift": (Power(shift=-1), "return in0 - 1.0", lambda x: x - 1, 1),
    "scale": (Power(scale=2), "return 2.0 * in0", lambda x: 2 * x, 1),
    "negation": (Power(scale=-1), "return in0.neg()", lambda x: -x, 1),
    "complement": (Power(scale=-1, shift=1), "return 1.0 - in0", lambda x: 1 - x, 2),
    "line": (Power(scale=-2, shift=0.25), "return -2.0 * in0 + 0.25", lambda x: 0.25 - 2 * x, 2),
    "constant": (Power(scale=0, shift=3), "return 0.0 * in0 + 3.0", lambda x: 0 * x + 3, 2),
    "square": (Power(power=2), "return in0.square()", lambda x: x * x, 1),
    "everything": (
        Power(power=3, scale=0.5, shift=1),
        "return (0.5 * in0 + 1.0).pow(3.0)",
        lambda x: (1 + x / 2) ** 3,
        3,
    ),
    "zeroth-power": (Power(power=0), "return in0.pow(0.0)", torch.ones_like, 1),
    "exp": (Exp(), "return in0.exp()", torch.exp, 1),
    "exp-line": (
        Exp(scale=0.5, shift=1),
        "return (0.5 * in0 + 1.0).exp()",
        lambda x: e ** (1 + x / 2),
        3,
    ),
    "exp-base": (
        Exp(base=2, scale=0.5, shift=1),
        "return torch.pow(2.0, 0.5 * in0 + 1.0)",
        lambda x: 2 ** (1 + x / 2),
        3,
    ),
    "exp-one": (Exp(base=1), "return torch.pow(1.0, in0)", torch.ones_like, 1),
    "threshold": (Threshold(), "return exceeds(in0)", lambda x: (x > 0).double(), 1),
    "threshold-half": (
        Threshold(threshold=0.5),
        "return exceeds(in0, 0.5)",
        lambda x: (x > 0.5).double(),
        1,
    ),
    "clip": (
        Clip(min=-0.5, max=0.75),
        "return in0.clamp(-0.5, 0.75)",
        lambda x: x.clamp(-0.5, 0.75),
        2,
    ),
    "clip-below": (Clip(min=-0.5), "return in0.clamp(min=-0.5)", lambda x: x.clamp(min=-0.5), 1),
    "clip-above": (Clip(max=0.75), "return in0.clamp(max=0.75)", lambda x: x.clamp(max=0.75), 1),
    "clip-to-a-point": (Clip(min=1, max=1), "return in0.clamp(1.0, 1.0)", torch.ones_like, 2),
}
POSITIVE: dict[str, tuple[Layer, str, Reference, int]] = {
    "log": (Log(), "return in0.log()", torch.log, 1),
    "log2": (Log(base=2), "return in0.log2()", torch.log2, 2),
    "log10": (
        Log(base=10, scale=2, shift=0.1),
        "return (2.0 * in0 + 0.1).log10()",
        lambda x: torch.log10(2 * x + 0.1),
        4,
    ),
    "log3": (Log(base=3), f"return in0.log() / {log(3)!r}", lambda x: x.log() / log(3), 2),
    "root": (Power(power=0.5), "return in0.sqrt()", torch.sqrt, 1),
    "reciprocal": (
        Power(power=-1, shift=1),
        "return (in0 + 1.0).reciprocal()",
        lambda x: 1 / (x + 1),
        2,
    ),
    "inverse-root": (Power(power=-0.5), "return in0.rsqrt()", lambda x: 1 / x.sqrt(), 1),
    "fractional": (Power(power=1.7), "return in0.pow(1.7)", lambda x: x**1.7, 1),
}


@pytest.mark.parametrize("case", CASES | POSITIVE)
def test_numbers(case: str) -> None:
    layer, text, reference, count = (CASES | POSITIVE)[case]
    check_numbers(layer, [IMAGE], reference, positive=case in POSITIVE)
    assert text in to_source(layer_graph(layer, IMAGE))
    assert flops(layer, (N, 3, 4, 5)) == count * 60


@pytest.mark.parametrize(
    "case", sorted((CASES | POSITIVE).keys() - {"threshold", "threshold-half"})
)
def test_gradients(case: str) -> None:
    layer, *_ = (CASES | POSITIVE)[case]
    values = torch.from_numpy(values_for(IMAGE, positive=case in POSITIVE))
    check_gradients(layer, IMAGE, inputs=[values])


LINES = given(
    power=st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0, -1.0]),
    scale=st.sampled_from([1.0, -1.0, 0.0, 0.5, -2.0]),
    shift=st.sampled_from([0.0, 1.0, -0.25, 7.0]),
    opset=st.sampled_from([13, 20, NEWEST]),
)


def check_power(power: float, scale: float, shift: float, opset: int) -> None:
    layer = Power(power=power, scale=scale, shift=shift)
    line = scale * values_for((3, 4)).astype(np.float64) + shift
    if power < 1 and power != 0 and (line <= 0.01).any():
        return

    def reference(x: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(line**power)

    check_numbers(layer, [(3, 4)], reference, opsets=[opset], source=False)


@settings(max_examples=15, deadline=None)
@LINES
def test_any_power(power: float, scale: float, shift: float, opset: int) -> None:
    check_power(power, scale, shift, opset)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@LINES
def test_many_powers(power: float, scale: float, shift: float, opset: int) -> None:
    check_power(power, scale, shift, opset)


def test_behind_a_sum() -> None:
    """A sum that is written into the next expression gets its parentheses."""
    for layer, text in (
        (Power(scale=2, shift=-1), "return 2.0 * (in0 + in0) - 1.0"),
        (Power(scale=-1, shift=1), "return 1.0 - (in0 + in0)"),
        (Power(scale=-1), "return (in0 + in0).neg()"),
        (Log(), "return (in0 + in0).log()"),
        (Exp(base=2), "return torch.pow(2.0, in0 + in0)"),
    ):
        builder = Builder()
        data = builder.input("in0", N, 3)
        total = builder.layer("total", Eltwise(), data, data)
        graph = builder.graph(builder.layer("1", layer, total))
        assert text in checked_source(graph)


def test_what_follows_an_expression() -> None:
    builder = Builder()
    data = builder.input("in0", N, 3)
    line = builder.layer("line", Power(scale=2, shift=1), data)
    again = builder.layer("again", Power(scale=3), line)
    graph = builder.graph(builder.layer("relu", ReLU(), again))
    source = checked_source(graph)
    assert "3.0 * (2.0 * in0 + 1.0)" in source
    x = torch.randn(2, 3)
    torch.testing.assert_close(to_torch(graph)(x), torch.relu(6 * x + 3))


def test_refusals() -> None:
    for layer in (Exp(base=0), Log(base=0), Exp(base=-2), Log(base=-2)):
        error = refusal(layer)
        assert error.message == f"`base` must be positive, or -1 for e; got {layer.base:g}"
        assert (error.code, error.field) == ("bad-value", "base")
    assert refusal(Log(base=1)).message == "there is no logarithm to the base 1"
    error = refusal(Clip(min=1, max=0.5))
    assert error.message == "`min` must not exceed `max`; got 1 and 0.5"
    assert (error.code, error.field) == ("bad-value", "min")
    error = refusal(Clip())
    assert error.message == "Clip needs `min` or `max`, or both"
    assert (error.code, error.field) == ("missing-field", None)
    assert refusal(AbsVal(), (N, 3), dtype="int64").code == "wrong-type"


BLOCKS = """
netspec: 1
name: Net
inputs: {data: [N, 8]}
blocks:
  curve:
    args: {low: 0, k: 2}
    layers:
      - {name: limit, type: Clip, min: $low, max: 3}
      - {name: line, type: Power, scale: $k, shift: $k}
      - {name: rest, type: Exp, base: $k, scale: -1}
layers:
  - {name: a, type: curve}
  - {name: b, type: curve, low: -1, k: 3}
"""


def test_instances_of_a_block_share_a_class() -> None:
    graph = netspec.loads(BLOCKS)
    assert checked_source(graph).count("class Curve") == 1
    x = torch.randn(2, 8)
    y = 2 ** -(2 * x.clamp(0, 3) + 2)
    torch.testing.assert_close(to_torch(graph)(x), 3 ** -(3 * y.clamp(-1, 3) + 3))
