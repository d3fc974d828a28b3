"""Rectifiers."""

from netspec.layers.activation import ELU, SELU, PReLU, ReLU, ReLU6
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.axes import stretched


@lowers(ReLU)
def relu(layer: ReLU, to: Emitter) -> None:
    if layer.negative_slope:
        to.top("LeakyRelu", to.bottoms, alpha=layer.negative_slope)
    else:
        to.top("Relu", to.bottoms)


@lowers(ReLU6)
def relu6(layer: ReLU6, to: Emitter) -> None:
    ends = to.float_constant("least", 0), to.float_constant("greatest", 6)
    to.top("Clip", [*to.bottoms, *ends])


@lowers(PReLU)
def prelu(layer: PReLU, to: Emitter) -> None:
    # One slope for all channels stands on its axis as well: it has the size 1 there.
    slopes = stretched(to, "weight", [1])
    to.top("PRelu", [*to.bottoms, slopes])


@lowers(ELU)
def elu(layer: ELU, to: Emitter) -> None:
    to.top("Elu", to.bottoms, alpha=layer.alpha)


@lowers(SELU)
def selu(layer: SELU, to: Emitter) -> None:
    to.top("Selu", to.bottoms)
