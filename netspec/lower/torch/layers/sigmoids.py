"""Smooth functions of each element, and those made to resemble them."""

from collections.abc import Sequence

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
from netspec.lower.torch.layers.elementwise import lowers_plainly
from netspec.lower.torch.registry import Lowered, lowers

lowers_plainly(Sigmoid, "nn.Sigmoid", "torch.sigmoid")
lowers_plainly(TanH, "nn.Tanh", "torch.tanh")
lowers_plainly(HardSigmoid, "nn.Hardsigmoid", "F.hardsigmoid")
lowers_plainly(HardSwish, "nn.Hardswish", "F.hardswish")
lowers_plainly(Mish, "nn.Mish", "F.mish")
lowers_plainly(Softplus, "nn.Softplus", "F.softplus")
lowers_plainly(BNLL, "nn.Softplus", "F.softplus")


@lowers(Swish)
def swish(layer: Swish, node: Node) -> Lowered:
    if layer.beta == 1:
        return Lowered(call("nn.SiLU"), lambda operands: call("F.silu", operands[0]))
    return Lowered(call("SteepSwish", Literal(layer.beta, "beta")), helper="SteepSwish")


@lowers(GELU)
def gelu(layer: GELU, node: Node) -> Lowered:
    approximate = {"approximate": Literal(layer.approximate.lower(), "approximate", "none")}

    def gated(operands: Sequence[Expr]) -> Expr:
        return call("F.gelu", operands[0], **approximate)

    return Lowered(call("nn.GELU", **approximate), gated)
