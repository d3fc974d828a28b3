"""Normalization by the root of the mean square."""

from netspec.graph import Node
from netspec.graph.fillers import ONES
from netspec.layers.rms_norm import RMSNorm
from netspec.lower.torch.code import Literal, call
from netspec.lower.torch.registry import Lowered, lowers


@lowers(RMSNorm)
def rms_norm(layer: RMSNorm, node: Node) -> Lowered:
    shape = node.bottoms[0].shape
    axes, sizes = layer.axes(shape), layer.sizes(shape)
    settings = {
        "eps": Literal(layer.eps, "eps"),  # PyTorch's default hangs on the element type
        "elementwise_affine": Literal(layer.affine, "elementwise_affine", True),
    }
    filled = {"weight": ONES}
    if axes == tuple(range(shape.rank))[-len(axes) :]:
        last = Literal(sizes[0] if len(sizes) == 1 else sizes, "normalized_shape")
        return Lowered(call("nn.RMSNorm", last, **settings), filled=filled)
    whole = Literal(sizes, "normalized_shape"), Literal(axes, "axes")
    return Lowered(call("AxisRMSNorm", *whole, **settings), filled=filled, helper="AxisRMSNorm")
