"""Functions of each element."""

from netspec.eager.pointwise import (
    by_operand,
    by_result,
    clamp,
    compared,
    exp,
    linear_in,
    log,
    over,
    power,
    power_of,
    prelu,
    relu,
    sigmoid,
    tanh,
)
from netspec.eager.registry import Use, runs
from netspec.eager.tensor import Tensor
from netspec.eager.views import cast
from netspec.layers import Layer
from netspec.layers.activation import ELU, SELU, PReLU, ReLU, ReLU6
from netspec.layers.functions import NATURAL, AbsVal, Clip, Exp, Log, Power, Threshold
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


@runs(ReLU)
def rectified(layer: ReLU, use: Use) -> Tensor:
    if use.over:
        return over(use.x, keeps_result=True)
    return by_operand(use.x) if layer.negative_slope else relu(use.x)


@runs(ReLU6, HardSwish)
def bent(layer: ReLU6 | HardSwish, use: Use) -> Tensor:
    return over(use.x, [use.x]) if use.over else by_operand(use.x)


@runs(Swish)
def swish(layer: Swish, use: Use) -> Tensor:
    if layer.beta == 1:
        return over(use.x, [use.x]) if use.over else by_operand(use.x)
    return use.x * sigmoid(use.x * layer.beta)


@runs(ELU, SELU, HardSigmoid, Mish, GELU, Softplus, BNLL, AbsVal)
def curved(layer: Layer, use: Use) -> Tensor:
    return by_operand(use.x)


@runs(PReLU)
def sloped(layer: PReLU, use: Use) -> Tensor:
    return prelu(use.x, use.held("weight"))


@runs(Sigmoid)
def logistic(layer: Sigmoid, use: Use) -> Tensor:
    return sigmoid(use.x)


@runs(TanH)
def hyperbolic(layer: TanH, use: Use) -> Tensor:
    return tanh(use.x)


def _line(x: Tensor, scale: float, shift: float) -> Tensor:
    """`scale * x + shift`, in as many steps as it takes."""
    if scale == -1:
        return linear_in(x)
    x = x if scale == 1 else x * scale
    return x + shift if shift else x


@runs(Power)
def powered(layer: Power, use: Use) -> Tensor:
    line = _line(use.x, layer.scale, layer.shift)
    if layer.power == 1:
        return line
    # A square root and reciprocals have functions of their own.
    return by_result(line) if layer.power in (0.5, -0.5, -1.0) else power(line)


@runs(Exp)
def exponential(layer: Exp, use: Use) -> Tensor:
    line = _line(use.x, layer.scale, layer.shift)
    return exp(line) if layer.base == NATURAL else power_of(line)


@runs(Log)
def logarithm(layer: Log, use: Use) -> Tensor:
    line = _line(use.x, layer.scale, layer.shift)
    found = log(line)
    return found if layer.base in (NATURAL, 2.0, 10.0) else found / 1.0


@runs(Threshold)
def threshold(layer: Threshold, use: Use) -> Tensor:
    return cast(compared(use.x, layer.threshold), use.x.dtype)


@runs(Clip)
def clipped(layer: Clip, use: Use) -> Tensor:
    return clamp(use.x)
