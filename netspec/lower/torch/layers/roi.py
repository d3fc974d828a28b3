"""Pooling of regions of interest, whose operators torchvision has and PyTorch lacks."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.roi import PSROIPooling, RegionLayer, ROIAlign, ROIPooling
from netspec.lower.torch.code import Expr, Literal, call
from netspec.lower.torch.registry import Lowered, lowers


@lowers(ROIPooling)
def roi_pooling(layer: ROIPooling, node: Node) -> Lowered:
    return _regions("roi_pool", layer, {})


@lowers(ROIAlign)
def roi_align(layer: ROIAlign, node: Node) -> Lowered:
    ratio = Literal(layer.sampling_ratio, "sampling_ratio", 0)
    return _regions("roi_align", layer, {"sampling_ratio": ratio})


@lowers(PSROIPooling)
def psroi_pooling(layer: PSROIPooling, node: Node) -> Lowered:
    settings = Literal(layer.group_size, "group_size"), Literal(layer.spatial_scale)

    def pooled(operands: Sequence[Expr]) -> Expr:
        return call("ps_roi_pool", *operands, *settings)

    return Lowered(function=pooled, helper="ps_roi_pool")


def _regions(helper: str, layer: RegionLayer, settings: dict[str, Literal]) -> Lowered:
    size = Literal((layer.pooled_h, layer.pooled_w))
    scale = Literal(layer.spatial_scale)

    def pooled(operands: Sequence[Expr]) -> Expr:
        return call(helper, *operands, size, scale, **settings)

    return Lowered(function=pooled, helper=helper)
