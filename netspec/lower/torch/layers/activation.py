"""Rectifiers."""

from collections.abc import Sequence
from dataclasses import replace

from netspec.graph import Node
from netspec.layers.activation import ELU, SELU, PReLU, ReLU, ReLU6
from netspec.lower.torch.code import Expr, Literal, call
from netspec.lower.torch.layers.elementwise import elementwise, lowers_plainly
from netspec.lower.torch.registry import Lowered, lowers

lowers_plainly(SELU, "nn.SELU", "F.selu")


@lowers(ReLU)
def relu(layer: ReLU, node: Node) -> Lowered:
    if not layer.negative_slope:
        plain = elementwise("nn.ReLU", "torch.relu")
        return replace(plain, in_place=elementwise("nn.ReLU", "F.relu", in_place=True))
    leaky = "nn.LeakyReLU", "F.leaky_relu"
    slope = Literal(layer.negative_slope, "negative_slope", 0.01)
    # PyTorch finds the gradient of the form in place by the result's sign.
    safe = layer.negative_slope > 0
    return replace(
        elementwise(*leaky, slope),
        in_place=elementwise(*leaky, slope, in_place=True) if safe else None,
    )


@lowers(ReLU6)
def relu6(layer: ReLU6, node: Node) -> Lowered:
    plain = elementwise("nn.ReLU6", "F.relu6")
    return replace(plain, in_place=elementwise("nn.ReLU6", "F.relu6", in_place=True))


@lowers(PReLU)
def prelu(layer: PReLU, node: Node) -> Lowered:
    slopes = Literal(layer.slopes([node.bottoms[0].type]), "num_parameters", 1)
    if layer.filler.type != "constant":
        return Lowered(call("nn.PReLU", slopes))
    init = Literal(layer.filler.value, "init", 0.25)
    return Lowered(call("nn.PReLU", slopes, init=init), filled={"weight": layer.filler})


@lowers(ELU)
def elu(layer: ELU, node: Node) -> Lowered:
    alpha = Literal(layer.alpha, "alpha", 1.0)

    def curved(operands: Sequence[Expr]) -> Expr:
        return call("F.elu", operands[0], alpha)

    return Lowered(call("nn.ELU", alpha), curved)
