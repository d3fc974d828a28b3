"""Normalization of each sample by its own statistics, with learned scale and shift."""

from netspec.graph import Node
from netspec.graph.fillers import ONES, ZEROS
from netspec.layers.group_norm import GroupNorm, InstanceNorm, LayerNorm
from netspec.lower.torch.code import Call, Literal, call
from netspec.lower.torch.registry import Lowered, lowers


@lowers(GroupNorm)
def group_norm(layer: GroupNorm, node: Node) -> Lowered:
    module = call(
        "nn.GroupNorm",
        Literal(layer.group, "num_groups"),
        _channels(node),
        eps=Literal(layer.eps, "eps", 1e-5),
        affine=Literal(layer.affine, "affine", True),
    )
    return _filled(module)


@lowers(InstanceNorm)
def instance_norm(layer: InstanceNorm, node: Node) -> Lowered:
    module = call(
        f"nn.InstanceNorm{node.bottoms[0].shape.rank - 2}d",
        _channels(node),
        eps=Literal(layer.eps, "eps", 1e-5),
        affine=Literal(layer.affine, "affine", False),
    )
    return _filled(module)


@lowers(LayerNorm)
def layer_norm(layer: LayerNorm, node: Node) -> Lowered:
    shape = node.bottoms[0].shape
    axes, sizes = layer.axes(shape), layer.sizes(shape)
    settings = {
        "eps": Literal(layer.eps, "eps", 1e-5),
        "elementwise_affine": Literal(layer.affine, "elementwise_affine", True),
    }
    if axes == tuple(range(shape.rank))[-len(axes) :]:
        last = Literal(sizes[0] if len(sizes) == 1 else sizes, "normalized_shape")
        return _filled(call("nn.LayerNorm", last, **settings))
    module = call(
        "AxisLayerNorm", Literal(sizes, "normalized_shape"), Literal(axes, "axes"), **settings
    )
    return _filled(module, helper="AxisLayerNorm")


def _channels(node: Node) -> Literal:
    channels = node.bottoms[0].shape[1]
    assert isinstance(channels, int)
    return Literal(channels, "num_channels")


def _filled(module: Call, helper: str = "") -> Lowered:
    return Lowered(module, filled={"weight": ONES, "bias": ZEROS}, helper=helper)
