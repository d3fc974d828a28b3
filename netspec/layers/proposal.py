"""Proposals of regions that may hold objects: the region proposal network's last layer."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import annotated_types
from pydantic import Field

from netspec.graph.bounds import equal
from netspec.graph.sizes import ROWS
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import require_image
from netspec.layers.detection import BoxSizes, Ratios
from netspec.layers.elements import REALS, Elements
from netspec.layers.fields import MAX_SIZE, Count

Least = annotated_types.MinLen(1)


class Proposal(Layer):
    """The regions of one image that score best, of those that overlap the best one.

    Bottoms: scores 1×2·A×H×W, of which the second half says how likely each of A anchors holds
    something; offsets 1×4·A×H×W, four for each anchor; and the image's height, width and scale,
    1×3. An anchor of each ratio and scale stands around ((x + ½)·feat_stride, …) if `base_size` is
    `feat_stride`: for each ratio r (height over width) the square of `base_size` becomes
    w = round(base_size/√r) wide and round(w·r) high, halves to even, and each of the `scales`
    multiplies that.

    The first two offsets times the anchor's size move its centre, exp of the others multiply its
    size; the box is cut off at the image's edges. Boxes with a side below `min_size` times the
    scale are left out, a side being x2 − x1 + 1 as in the overlaps. Of the `pre_nms_topn` best
    scores, in the order rows, columns, anchors where equal, each box stays whose overlap
    (intersection over union) with none kept before is above `nms_thresh`, the first
    `post_nms_topn` of them. A score that is NaN and a box that isn't finite are left out.

    The top has a row [0, x1, y1, x2, y2] for each, the best first, as ROIPooling, ROIAlign and
    PSROIPooling read them. How many there are shows when the network runs: it may be none.
    """

    family: ClassVar[str] = "detection"
    source: ClassVar[str] = (
        "Ren et al. 2015 (Faster R-CNN) and their proposal_layer.py and generate_anchors.py"
    )
    shape_rule: ClassVar[str] = "rows×5, as many rows as it finds: a size that shows when it runs"
    flops_rule: ClassVar[str] = (
        "28 for each anchor: 14 that move it, 8 comparisons with the edges, 6 for its sides; "
        "overlaps aren't counted, as their number shows when it runs"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (3, 3)
    # ONNX's NonMaxSuppression takes float32 alone.
    elements: ClassVar[tuple[Elements, ...]] = (REALS - {"float64"},)
    one_type: ClassVar[bool] = True
    counts_rows: ClassVar[bool] = True
    saturates: ClassVar[bool] = True
    example: ClassVar[str] = """
        inputs: {data: [1, 512, 38, 50], im_info: [1, 3]}
        layers:
          - {name: rpn, type: Convolution, num_output: 512, kernel_size: 3, pad: 1, bottom: data}
          - {name: rpn_relu, type: ReLU}
          - {name: score, type: Convolution, num_output: 18, kernel_size: 1}
          - {name: pairs, type: Reshape, shape: [0, 2, -1, 50]}
          - {name: softmax, type: Softmax}
          - {name: cls_prob, type: Reshape, shape: [0, 18, -1, 50]}
          - {name: bbox_pred, type: Convolution, num_output: 36, kernel_size: 1, bottom: rpn_relu}
          - {name: rois, type: Proposal, bottom: [cls_prob, bbox_pred, im_info]}
          - {name: pool5, type: ROIPooling, bottom: [data, rois], pooled_h: 7, pooled_w: 7,
             spatial_scale: 0.0625}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("ProposalLayer", "RPNProposal", "GenerateProposals")
    field_synonyms: ClassVar[dict[str, str]] = {
        "ratio": "ratios",
        "scale": "scales",
        "anchor_ratios": "ratios",
        "anchor_scales": "scales",
        "pre_nms_top_n": "pre_nms_topn",
        "post_nms_top_n": "post_nms_topn",
        "nms_threshold": "nms_thresh",
        "iou_threshold": "nms_thresh",
        "rpn_min_size": "min_size",
        "stride": "feat_stride",
    }

    feat_stride: Count = Field(16, description="pixels of the image between elements of a row")
    base_size: Count = Field(16, description="the side of the square that anchors come from")
    ratios: Annotated[Ratios, Least] = Field(
        [0.5, 1.0, 2.0], description="anchors' heights over their widths"
    )
    scales: Annotated[BoxSizes, Least] = Field(
        [8.0, 16.0, 32.0], description="what the anchors' sizes are multiplied by"
    )
    pre_nms_topn: Count | None = Field(6000, description="boxes that are looked at; null: all")
    post_nms_topn: Count | None = Field(300, description="boxes that are given; null: all")
    nms_thresh: float = Field(0.7, ge=0, le=1, description="the greatest overlap of two boxes")
    min_size: float = Field(
        16.0, ge=0, le=MAX_SIZE, description="the least side of a box, before the image's scale"
    )

    @classmethod
    def advise(cls, field: str, value: object, others: Mapping[str, object]) -> str | None:
        if field in ("pre_nms_topn", "post_nms_topn") and value in (0, -1):
            return f"write `{field}: null` for all"
        return super().advise(field, value, others)

    @property
    def anchors(self) -> int:
        """How many anchors stand around each element."""
        return len(self.ratios) * len(self.scales)

    def sizes(self) -> list[tuple[float, float]]:
        """The width and height of each anchor."""
        found = []
        for ratio in self.ratios:
            width = round((self.base_size**2 / ratio) ** 0.5)
            height = round(width * ratio)
            found += [(width * scale, height * scale) for scale in self.scales]
        return found

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        scores, offsets = (require_image(self, bottoms, number) for number in range(2))
        if scores[0] != 1:
            raise LayerError(
                "shape-mismatch",
                f"Proposal looks at one image, but {{0}} gives {scores}",
                bottom=0,
                help="give the network's input a batch of 1",
            )
        for number, (shape, each) in enumerate(((scores, 2), (offsets, 4))):
            if not equal(shape[1], each * self.anchors):
                raise LayerError(
                    "shape-mismatch",
                    f"Proposal needs {each} channels for each of {self.anchors} anchors "
                    f"({len(self.ratios)} `ratios` by {len(self.scales)} `scales`), "
                    f"{each * self.anchors}, but {{{number}}} gives {shape}",
                    bottom=number,
                )
        if offsets[0] != 1 or not all(map(equal, scores[2:], offsets[2:])):
            raise LayerError(
                "shape-mismatch",
                f"Proposal needs scores and offsets of one size, but {{0}} gives {scores} and "
                f"{{1}} {offsets}",
                bottom=1,
            )
        if bottoms[2].shape != (1, 3):
            raise LayerError(
                "shape-mismatch",
                f"Proposal needs the image's height, width and scale, 1×3, as its third bottom, "
                f"but {{2}} gives {bottoms[2].shape}",
                bottom=2,
            )
        return (bottoms[0].with_shape(ROWS, 5),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.REGIONS: 7 * bottoms[1].shape.elements})
