"""Layers that act in the TRAIN phase and let values through in TEST."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.regularization import Dropout, DropPath
from netspec.lower.torch.code import Expr, Literal, Name, call
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Dropout)
def dropout(layer: Dropout, node: Node) -> Lowered:
    ratio = Literal(layer.dropout_ratio, "p", 0.5)

    def dropped(operands: Sequence[Expr]) -> Expr:
        return call("F.dropout", operands[0], p=ratio, training=Name("self.training"))

    return Lowered(call("nn.Dropout", ratio), dropped)


@lowers(DropPath)
def drop_path(layer: DropPath, node: Node) -> Lowered:
    rank = Literal(node.bottoms[0].shape.rank, "rank", 4)
    return Lowered(call("DropPath", Literal(layer.drop_ratio, "p"), rank=rank), helper="DropPath")
