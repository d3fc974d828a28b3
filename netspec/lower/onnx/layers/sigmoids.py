"""Smooth functions of each element, and those made to resemble them."""

from math import pi, sqrt

from netspec.layers.base import ElementwiseLayer
from netspec.layers.sigmoids import (
    BNLL,
    GELU,
    HardSigmoid,
    HardSwish,
    Mish,
    Sigmoid,
    Softplus,
    Swish,
    TanH,
)
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers

HARD = {"alpha": 1 / 6, "beta": 0.5}
"""The line of a hard sigmoid; ONNX's own has the slope 0.2."""


@lowers(Sigmoid)
def sigmoid(layer: Sigmoid, to: Emitter) -> None:
    to.top("Sigmoid", to.bottoms)


@lowers(TanH)
def tanh(layer: TanH, to: Emitter) -> None:
    to.top("Tanh", to.bottoms)


@lowers(HardSigmoid)
def hard_sigmoid(layer: HardSigmoid, to: Emitter) -> None:
    to.top("HardSigmoid", to.bottoms, **HARD)


@lowers(HardSwish)
def hard_swish(layer: HardSwish, to: Emitter) -> None:
    """ONNX has HardSwish since opset 14."""
    if to.opset >= 14:
        to.top("HardSwish", to.bottoms)
        return
    gate = to.step("gate", "HardSigmoid", to.bottoms, to.node.bottoms[0].type, **HARD)
    to.top("Mul", [*to.bottoms, gate])


@lowers(Swish)
def swish(layer: Swish, to: Emitter) -> None:
    """ONNX has Swish since opset 24, which runtimes may lack."""
    type = to.node.bottoms[0].type
    inner = to.bottoms[0]
    if layer.beta != 1:
        inner = to.step("steeper", "Mul", [inner, to.float_constant("beta", layer.beta)], type)
    gate = to.step("gate", "Sigmoid", [inner], type)
    to.top("Mul", [*to.bottoms, gate])


@lowers(Mish)
def mish(layer: Mish, to: Emitter) -> None:
    """ONNX has Mish since opset 18."""
    if to.opset >= 18:
        to.top("Mish", to.bottoms)
        return
    type = to.node.bottoms[0].type
    positive = to.step("positive", "Softplus", to.bottoms, type)
    gate = to.step("gate", "Tanh", [positive], type)
    to.top("Mul", [*to.bottoms, gate])


@lowers(GELU)
def gelu(layer: GELU, to: Emitter) -> None:
    """ONNX has Gelu since opset 20."""
    if to.opset >= 20:
        to.top("Gelu", to.bottoms, approximate=layer.approximate.lower())
        return
    type = to.node.bottoms[0].type
    if layer.approximate == "TANH":
        odd = _tanh_of_cubic(to)
    else:
        inputs = [*to.bottoms, to.float_constant("root", sqrt(2))]
        odd = to.step("erf", "Erf", [to.step("shrunk", "Div", inputs, type)], type)
    raised = to.step("raised", "Add", [odd, to.float_constant("one", 1)], type)
    gate = to.step("gate", "Mul", [raised, to.float_constant("half", 0.5)], type)
    to.top("Mul", [*to.bottoms, gate])


def _tanh_of_cubic(to: Emitter) -> str:
    """tanh(sqrt(2 / pi) * (x + 0.044715 * x * x * x))"""
    type = to.node.bottoms[0].type
    (x,) = to.bottoms
    square = to.step("square", "Mul", [x, x], type)
    cube = to.step("cube", "Mul", [square, x], type)
    small = to.step("small", "Mul", [cube, to.float_constant("factor", 0.044715)], type)
    cubic = to.step("cubic", "Add", [x, small], type)
    inner = to.step("inner", "Mul", [cubic, to.float_constant("slope", sqrt(2 / pi))], type)
    return to.step("tanh", "Tanh", [inner], type)


@lowers(Softplus, BNLL)
def softplus(layer: ElementwiseLayer, to: Emitter) -> None:
    to.top("Softplus", to.bottoms)
