"""Pooling of regions of interest: layers that read an image and a list of boxes."""

from typing import ClassVar

from pydantic import Field

from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import require_image
from netspec.layers.elements import REALS, Elements
from netspec.layers.fields import Count


class RegionLayer(Layer):
    """The base of both: their fields and their shape."""

    family: ClassVar[str] = "pooling"
    shape_rule: ClassVar[str] = "R×C×pooled_h×pooled_w for bottoms N×C×H×W and R×5"
    bottom_count: ClassVar[tuple[int, int | None]] = (2, 2)
    one_type: ClassVar[bool] = True
    regions: ClassVar[tuple[int, ...]] = (1,)
    field_synonyms: ClassVar[dict[str, str]] = {
        "pooled_height": "pooled_h",
        "pooled_width": "pooled_w",
        "output_height": "pooled_h",
        "output_width": "pooled_w",
        "output_size": "pooled_h",
        "pooled_shape": "pooled_h",
    }
    field_notes: ClassVar[dict[str, str]] = dict.fromkeys(
        ("output_size", "pooled_shape"), "write `pooled_h` and `pooled_w`, a number each"
    )

    pooled_h: Count = Field(description="rows that a region is divided into")
    pooled_w: Count = Field(description="columns that a region is divided into")
    spatial_scale: float = Field(1.0, gt=0, description="what box coordinates are multiplied by")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape, count = require_image(self, bottoms), require_regions(self, bottoms)
        return (bottoms[0].with_shape(count, shape[1], self.pooled_h, self.pooled_w),)

    def workspace(self, bottoms: Types, tops: Types) -> Size:
        # Axis by axis: the windows along the width, of every row.
        _, channels, height, _ = bottoms[0].shape
        return tops[0].shape[0] * channels * self.pooled_w * height


def require_regions(layer: Layer, bottoms: Types) -> Size:
    """How many regions the second bottom holds."""
    boxes = bottoms[1].shape
    if boxes.rank != 2 or boxes[1] != 5:
        raise LayerError(
            "shape-mismatch",
            f"{layer.type_name} needs regions R×5 as its second bottom, but reads {boxes}",
            bottom=1,
            help="a region is [index in the batch, x1, y1, x2, y2]",
        )
    return boxes[0]


class ROIPooling(RegionLayer):
    """The maximum of each of pooled_h × pooled_w windows of each region of an image.

    A region is [index in the batch, x1, y1, x2, y2], in pixels of the input that `spatial_scale`
    makes those of the bottom. Its corners are rounded to whole elements, halves away from zero,
    and belong to it, so that it is at least one element large. Window i of n over a length s
    reaches from floor(i·s/n) to ceil((i + 1)·s/n), computed in float32, and is cut off at the
    bottom's edges; an empty one gives 0.
    """

    source: ClassVar[str] = (
        "Girshick 2015 (Fast R-CNN) and his roi_pooling_layer.cpp; torchvision's roi_pool and "
        "ONNX's MaxRoiPool do the same"
    )
    flops_rule: ClassVar[str] = (
        "a comparison for each element of the image, channel and region, as if each region were "
        "the whole image"
    )
    nonfinite: ClassVar[str | None] = (
        "PyTorch's form passes NaN over, as Fast R-CNN's code does, and gives −∞ for nothing else; "
        "ONNX Runtime may give NaN, and the least finite number for −∞"
    )
    example: ClassVar[str] = """
        inputs: {data: [N, 512, 38, 50], rois: [R, 5]}
        layers:
          - name: pool5
            type: ROIPooling
            bottom: [data, rois]
            pooled_h: 7
            pooled_w: 7
            spatial_scale: 0.0625
          - {name: fc6, type: InnerProduct, num_output: 4096}
    """
    # No runtime of ONNX has MaxRoiPool in double precision.
    elements: ClassVar[tuple[Elements, ...]] = (REALS - {"float64"},)
    synonyms: ClassVar[tuple[str, ...]] = ("RoIPool", "MaxRoiPool", "roi_pool", "RoIPooling")

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.REGIONS: bottoms[1].shape[0] * bottoms[0].shape[1:].elements})


class ROIAlign(RegionLayer):
    """The average of bilinear samples in each of pooled_h × pooled_w windows of each region.

    A region is [index in the batch, x1, y1, x2, y2], in pixels of the input that `spatial_scale`
    makes those of the bottom; nothing is rounded. It is taken to be at least 1 × 1. Each window
    has `sampling_ratio` × `sampling_ratio` samples in even distances, or as many as it is long in
    elements, rounded up, with `sampling_ratio: 0`. A sample at (y, x) is between the elements
    around it, which stand at whole coordinates; within 1 beyond the edge it is what stands at the
    edge, farther out it is 0.

    This is the rule of the paper's own code: torchvision's `aligned=False`, ONNX's
    `output_half_pixel`. (The other one moves all samples by half an element.)
    """

    source: ClassVar[str] = (
        "He et al. 2017 (Mask R-CNN); torchvision's roi_align; ONNX's RoiAlign, mode avg"
    )
    flops_rule: ClassVar[str] = (
        "8 for each sample: four products, three sums, and one to add it up; with sampling_ratio 0 "
        "as if each region were the whole image"
    )
    nonfinite: ClassVar[str | None] = (
        "PyTorch's form doesn't read an element of weight 0; ONNX Runtime multiplies it by 0, "
        "which gives NaN where it isn't finite"
    )
    example: ClassVar[str] = """
        inputs: {data: [N, 256, 50, 68], rois: [R, 5]}
        layers:
          - name: align
            type: ROIAlign
            bottom: [data, rois]
            pooled_h: 7
            pooled_w: 7
            spatial_scale: 0.0625
            sampling_ratio: 2
          - {name: fc6, type: InnerProduct, num_output: 1024}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("roi_align",)

    sampling_ratio: int = Field(
        0, ge=0, le=1024, description="samples along each side of a window; 0: by its size"
    )

    def workspace(self, bottoms: Types, tops: Types) -> Size:
        # What each element along the width adds to each sample.
        weights = tops[0].shape[0] * self.pooled_w * bottoms[0].shape[3]
        return super().workspace(bottoms, tops) + weights * max(self.sampling_ratio, 6)

    def work(self, bottoms: Types, tops: Types) -> Work:
        samples: Size = self.sampling_ratio**2
        if not self.sampling_ratio:
            _, _, height, width = bottoms[0].shape
            rows = (height + (self.pooled_h - 1)) // self.pooled_h
            samples = rows * ((width + (self.pooled_w - 1)) // self.pooled_w)
        return Work({Kind.REGIONS: 8 * samples * tops[0].shape.elements})


class PSROIPooling(Layer):
    """The average of each window of each region, each window taken from channels of its own.

    There are group_size × group_size windows, the channels are position-sensitive score maps. A
    region is [index in the batch, x1, y1, x2, y2], in pixels of the input. Its corners are rounded
    to whole pixels, halves away from zero, the second one is moved on by 1, and `spatial_scale`
    makes them places in the bottom; a side is at least 0.1. Window i of n along an
    axis reaches from floor(start + i·side/n) to ceil(start + (i + 1)·side/n), computed in float32,
    and is cut off at the bottom's edges; an empty one gives 0. Channel d of the top takes its
    window in row i and column j from channel (d·n + i)·n + j. A NaN or an infinity anywhere in a
    channel makes NaN of the windows that are taken from it.
    """

    family: ClassVar[str] = "pooling"
    source: ClassVar[str] = "Dai et al. 2016 (R-FCN) and their psroi_pooling_layer.cu"
    shape_rule: ClassVar[str] = (
        "R×output_dim×group_size×group_size for bottoms N×(output_dim·group_size²)×H×W and R×5"
    )
    flops_rule: ClassVar[str] = (
        "1 for each element of the image, channel and region, as if each region were the whole "
        "image, and a division for each element of the top"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (2, 2)
    one_type: ClassVar[bool] = True
    regions: ClassVar[tuple[int, ...]] = (1,)
    example: ClassVar[str] = """
        inputs: {data: [N, 1029, 38, 50], rois: [R, 5]}
        layers:
          - name: psroipooled_cls_rois
            type: PSROIPooling
            bottom: [data, rois]
            output_dim: 21
            group_size: 7
            spatial_scale: 0.0625
          - {name: ave_cls_score_rois, type: Pooling, pool: AVE, global_pooling: true}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("PSRoIPool", "ps_roi_pool")
    synonym_notes: ClassVar[dict[str, str]] = dict.fromkeys(
        ("PSRoIPool", "ps_roi_pool"), "(torchvision rounds the corners behind `spatial_scale`)"
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "output_size": "group_size",
        "pooled_h": "group_size",
        "pooled_w": "group_size",
    }

    output_dim: Count = Field(description="channels of the top")
    group_size: int = Field(ge=1, le=64, description="rows and columns of windows")
    spatial_scale: float = Field(gt=0, description="what box coordinates are multiplied by")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape, count = require_image(self, bottoms), require_regions(self, bottoms)
        wanted = self.output_dim * self.group_size**2
        if shape[1] != wanted:
            raise LayerError(
                "shape-mismatch",
                f"PSROIPooling needs {wanted} channels, output_dim·group_size², but reads {shape}",
                bottom=0,
            )
        side = self.group_size
        return (bottoms[0].with_shape(count, self.output_dim, side, side),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        walked = bottoms[1].shape[0] * bottoms[0].shape[1:].elements
        return Work({Kind.REGIONS: walked + tops[0].shape.elements})
