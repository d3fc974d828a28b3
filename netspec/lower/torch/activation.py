"""Rectifiers."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.activation import ELU, SELU, PReLU, ReLU, ReLU6
from netspec.lower.torch.code import Expr, Literal, call
from netspec.lower.torch.elementwise import lowers_plainly
from netspec.lower.torch.registry import Lowered, lowers

lowers_plainly(ReLU6, "nn.ReLU6", "F.relu6")
lowers_plainly(SELU, "nn.SELU", "F.selu")


@lowers(ReLU)
def relu(layer: ReLU, node: Node) -> Lowered:
    if not layer.negative_slope:
        return Lowered(call("nn.ReLU"), lambda operands: call("torch.relu", operands[0]))
    slope = Literal(layer.negative_slope, "negative_slope", 0.01)

    def leaky(operands: Sequence[Expr]) -> Expr:
        return call("F.leaky_relu", operands[0], slope)

    return Lowered(call("nn.LeakyReLU", slope), leaky)


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
