"""Normalization of an element by those around it."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.lrn import LCN, LRN
from netspec.lower.torch.code import Expr, Literal, call
from netspec.lower.torch.registry import Lowered, lowers


@lowers(LRN)
def lrn(layer: LRN, node: Node) -> Lowered:
    if layer.norm_region == "WITHIN_CHANNEL":
        return _within_channel(layer, node)
    size = Literal(layer.local_size, "size")
    settings = {
        "alpha": Literal(layer.alpha, "alpha", 1e-4),
        "beta": Literal(layer.beta, "beta", 0.75),
        "k": Literal(layer.k, "k", 1.0),
    }

    def normalized(operands: Sequence[Expr]) -> Expr:
        return call("F.local_response_norm", operands[0], size, **settings)

    return Lowered(call("nn.LocalResponseNorm", size, **settings), normalized)


def _within_channel(layer: LRN, node: Node) -> Lowered:
    module = call(
        "SpatialResponseNorm",
        Literal(layer.local_size, "size"),
        alpha=Literal(layer.alpha, "alpha", 1.0),
        beta=Literal(layer.beta, "beta", 0.75),
        rank=Literal(node.bottoms[0].shape.rank, "rank", 4),
    )
    return Lowered(module, helper="SpatialResponseNorm")


@lowers(LCN)
def lcn(layer: LCN, node: Node) -> Lowered:
    module = call(
        "LocalContrastNorm",
        Literal(layer.local_size, "size", 9),
        std=Literal(layer.std, "std", 2.0),
        eps=Literal(layer.eps, "eps", 1e-4),
    )
    return Lowered(module, helper="LocalContrastNorm")
