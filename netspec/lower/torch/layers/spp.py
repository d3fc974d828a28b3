"""Spatial pyramid pooling."""

from netspec.graph import Node
from netspec.layers.spp import SPP
from netspec.lower.torch.code import Literal, call
from netspec.lower.torch.registry import Lowered, lowers

HELPER = "SpatialPyramidPooling"


@lowers(SPP)
def spp(layer: SPP, node: Node) -> Lowered:
    module = call(
        HELPER,
        Literal(layer.pyramid_height, "height"),
        average=Literal(layer.pool == "AVE", "average", False),
    )
    return Lowered(module, helper=HELPER)
