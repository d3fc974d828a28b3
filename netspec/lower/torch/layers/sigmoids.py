"""Smooth functions of each element, and those made to resemble them."""

from collections.abc import Sequence
from dataclasses import replace

from netspec.graph import Node
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
from netspec.lower.torch.code import Expr, Literal, call
from netspec.lower.torch.layers.elementwise import elementwise, lowers_plainly
from netspec.lower.torch.registry import Lowered, lowers

lowers_plainly(Sigmoid, "nn.Sigmoid", "torch.sigmoid")
lowers_plainly(TanH, "nn.Tanh", "torch.tanh")
lowers_plainly(HardSigmoid, "nn.Hardsigmoid", "F.hardsigmoid")
lowers_plainly(Mish, "nn.Mish", "F.mish")
lowers_plainly(Softplus, "nn.Softplus", "F.softplus")
lowers_plainly(BNLL, "nn.Softplus", "F.softplus")


@lowers(HardSwish)
def hard_swish(layer: HardSwish, node: Node) -> Lowered:
    hardswish = "nn.Hardswish", "F.hardswish"
    return replace(elementwise(*hardswish), in_place=elementwise(*hardswish, in_place=True))


@lowers(Swish)
def swish(layer: Swish, node: Node) -> Lowered:
    if layer.beta == 1:
        silu = "nn.SiLU", "F.silu"
        return replace(elementwise(*silu), in_place=elementwise(*silu, in_place=True))
    return Lowered(call("SteepSwish", Literal(layer.beta, "beta")), helper="SteepSwish")


@lowers(GELU)
def gelu(layer: GELU, node: Node) -> Lowered:
    approximate = {"approximate": Literal(layer.approximate.lower(), "approximate", "none")}

    def gated(operands: Sequence[Expr]) -> Expr:
        return call("F.gelu", operands[0], **approximate)

    return Lowered(call("nn.GELU", **approximate), gated)
