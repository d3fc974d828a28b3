"""ROIPooling, ROIAlign and PSROIPooling."""

import numpy as np
from onnx import TensorProto

from netspec.graph import Shape, TensorType
from netspec.layers.roi import PSROIPooling, ROIAlign, ROIPooling
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.layers.roi_samples import align_by_products
from netspec.lower.onnx.layers.roi_shares import pool_by_shares
from netspec.lower.onnx.layers.roi_windows import pool_by_masks
from netspec.lower.onnx.steps.single import in_float32

NEW_OPERATORS = 22
"""The opset whose MaxRoiPool and RoiAlign, of more element types, ONNX Runtime doesn't have."""


@lowers(ROIPooling)
def roi_pooling(layer: ROIPooling, to: Emitter) -> None:
    if to.opset >= NEW_OPERATORS:
        pool_by_masks(layer, to, *_apart(to))
        return
    to.top(
        "MaxRoiPool",
        to.bottoms,
        pooled_shape=[layer.pooled_h, layer.pooled_w],
        spatial_scale=layer.spatial_scale,
    )


@lowers(ROIAlign)
def roi_align(layer: ROIAlign, to: Emitter) -> None:
    boxes, item = _apart(to)
    if to.opset >= NEW_OPERATORS:
        align_by_products(layer, to, boxes, item)
        return
    # Until opset 16 there was no other rule than this, and no attribute to name it.
    rule = {"coordinate_transformation_mode": "output_half_pixel"} if to.opset >= 16 else {}
    to.top(
        "RoiAlign",
        [to.bottoms[0], boxes, item],
        output_height=layer.pooled_h,
        output_width=layer.pooled_w,
        sampling_ratio=layer.sampling_ratio,
        spatial_scale=layer.spatial_scale,
        **rule,
    )


@lowers(PSROIPooling)
def psroi_pooling(layer: PSROIPooling, to: Emitter) -> None:
    to = in_float32(to)
    pool_by_shares(layer, to, *_apart(to))


def _apart(to: Emitter) -> tuple[str, str]:
    """The boxes R×4, and the indices in the batch."""
    regions = to.node.bottoms[1].type
    count = regions.shape[0]
    columns, first = to.constant("columns", np.arange(1, 5)), to.constant("first", np.array(0))
    four = regions.with_shape(count, 4)
    boxes = to.step("boxes", "Gather", [to.bottoms[1], columns], four, axis=1)
    index = to.step("index", "Gather", [to.bottoms[1], first], regions.with_shape(count), axis=1)
    integers = TensorType(Shape((count,)), "int64")
    return boxes, to.step("item", "Cast", [index], integers, to=TensorProto.INT64)
