"""Normalization to length 1 along an axis."""

from netspec.graph import Node
from netspec.layers.unit_norm import UnitNorm
from netspec.lower.torch.code import Literal, call
from netspec.lower.torch.registry import Lowered, lowers


@lowers(UnitNorm)
def unit_norm(layer: UnitNorm, node: Node) -> Lowered:
    settings = {"dim": Literal(layer.axis, "dim", 1), "eps": Literal(layer.eps, "eps", 1e-12)}
    return Lowered(function=lambda operands: call("F.normalize", operands[0], **settings))
