"""Layers that bring activations to a common scale."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.graph.fillers import ONES, ZEROS
from netspec.layers.normalization import LRN, BatchNorm
from netspec.lower.torch.code import Expr, Literal, call
from netspec.lower.torch.registry import Lowered, lowers


@lowers(LRN)
def lrn(layer: LRN, node: Node) -> Lowered:
    size = Literal(layer.local_size, "size")
    settings = {
        "alpha": Literal(layer.alpha, "alpha", 1e-4),
        "beta": Literal(layer.beta, "beta", 0.75),
        "k": Literal(layer.k, "k", 1.0),
    }

    def normalized(operands: Sequence[Expr]) -> Expr:
        return call("F.local_response_norm", operands[0], size, **settings)

    return Lowered(call("nn.LocalResponseNorm", size, **settings), normalized)


@lowers(BatchNorm)
def batch_norm(layer: BatchNorm, node: Node) -> Lowered:
    channels = node.bottoms[0].shape[1]
    assert isinstance(channels, int)
    # What running statistics take of a batch; 1 - 0.9 in binary is not quite 0.1.
    momentum = round(1 - layer.moving_average_fraction, 12)
    module = call(
        "nn.BatchNorm2d" if node.bottoms[0].shape.rank == 4 else "nn.BatchNorm1d",
        Literal(channels, "num_features"),
        eps=Literal(layer.eps, "eps", 1e-5),
        momentum=Literal(momentum, "momentum", 0.1),
        affine=Literal(layer.affine, "affine", True),
    )
    return Lowered(module, filled={"weight": ONES, "bias": ZEROS})
