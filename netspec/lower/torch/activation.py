"""Layers that apply a function to each element, or along an axis."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.activation import ReLU, Softmax
from netspec.lower.torch.code import Expr, Literal, call, method
from netspec.lower.torch.registry import Lowered, lowers


@lowers(ReLU)
def relu(layer: ReLU, node: Node) -> Lowered:
    if not layer.negative_slope:
        return Lowered(call("nn.ReLU"), lambda operands: call("torch.relu", operands[0]))
    slope = Literal(layer.negative_slope, "negative_slope", 0.01)

    def leaky(operands: Sequence[Expr]) -> Expr:
        return call("F.leaky_relu", operands[0], slope)

    return Lowered(call("nn.LeakyReLU", slope), leaky)


@lowers(Softmax)
def softmax(layer: Softmax, node: Node) -> Lowered:
    axis = Literal(layer.axis, "dim")
    return Lowered(
        call("nn.Softmax", dim=axis), lambda operands: method(operands[0], "softmax", axis)
    )
