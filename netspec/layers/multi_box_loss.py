"""The loss of a single-shot detector."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import Types
from netspec.layers.detection import CodeType, require_boxes
from netspec.layers.elements import REALS, Elements
from netspec.layers.fields import MAX_SIZE, Count
from netspec.layers.losses import Loss, Normalization


class MultiBoxLoss(Loss):
    """What a single-shot detector pays for its offsets and scores, where the objects are known.

    Bottoms: offsets, scores (no softmax) and priors as DetectionOutput reads them, with offsets
    that the classes share, and the objects, G×6: rows [item, label, x1, y1, x2, y2] with corners
    from 0 to 1. A row of no item of the batch, such as −1, stands for none.

    In each item the object and the prior that overlap most (intersection over union) are matched,
    then of what is left again, until no object is left or none overlaps; then each prior left with
    the object that it overlaps most, if by `overlap_threshold` or more. A matched prior costs the
    cross-entropy of its label and `loc_weight` times SmoothL1 of its offsets to those that lead to
    the object; of the others in an item, those that overlap nothing by `neg_overlap`, the
    `neg_pos_ratio` times as many as are matched that cost most cost the cross-entropy of the
    background. The sum is divided by what `normalization` says: VALID, the priors matched, but no
    less than 1; FULL, all priors of all items; BATCH_SIZE, N; NONE, 1.

    Of equal overlaps the first object's counts, there the first prior's. (Caffe's ground truth,
    1×1×G×8, has other columns: item, label, instance, x1, y1, x2, y2, difficult.)
    """

    source: ClassVar[str] = "Liu et al. 2016 (SSD) and their multibox_loss_layer.cpp"
    flops_rule: ClassVar[str] = (
        "5n + 1 for each prior's n scores, 6 for each offset, 12 for each object and prior"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (4, 4)
    elements: ClassVar[tuple[Elements, ...]] = (REALS,)
    one_type: ClassVar[bool] = True
    example: ClassVar[str] = """
        inputs: {data: [N, 3, 300, 300], objects: {shape: [G, 6], phase: TRAIN}}
        layers:
          - {name: map, type: Convolution, num_output: 64, kernel_size: 3, stride: 32}
          - {name: priors, type: PriorBox, bottom: [map, data], min_size: 60, aspect_ratio: 2}
          - {name: loc, type: Convolution, num_output: 12, kernel_size: 1, bottom: map}
          - {name: loc_last, type: Permute, order: [0, 2, 3, 1]}
          - {name: conf, type: Convolution, num_output: 63, kernel_size: 1, bottom: map}
          - {name: conf_last, type: Permute, order: [0, 2, 3, 1]}
          - name: loss
            type: MultiBoxLoss
            bottom: [loc_last, conf_last, priors, objects]
            num_classes: 21
            code_type: CENTER_SIZE
            phase: TRAIN
        outputs: [loc_last, conf_last, priors]
    """
    synonyms: ClassVar[tuple[str, ...]] = ("SSDLoss",)
    field_synonyms: ClassVar[dict[str, str]] = {
        "overlap_thresh": "overlap_threshold",
        "neg_pos": "neg_pos_ratio",
        "background_label": "background_label_id",
        "reduction": "normalization",
    }
    field_notes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            ("loc_loss_type", "conf_loss_type", "match_type", "mining_type"),
            "leave it out: it is SMOOTH_L1, SOFTMAX, PER_PREDICTION, MAX_NEGATIVE",
        ),
        "share_location": "leave it out: the classes share a prior's offsets",
        "use_prior_for_matching": "leave it out: objects are matched with priors",
        "use_difficult_gt": "leave difficult objects out of the bottom, or in",
    }

    num_classes: Count = Field(description="how many classes there are, the background included")
    background_label_id: int = Field(0, ge=0, le=MAX_SIZE, description="the background's label")
    overlap_threshold: float = Field(0.5, gt=0, le=1, description="an overlap that is a match")
    neg_overlap: float = Field(0.5, ge=0, le=1, description="one that is too much for background")
    neg_pos_ratio: float = Field(
        3.0, ge=0, le=MAX_SIZE, description="priors of the background for each that is matched"
    )
    loc_weight: float = Field(1.0, ge=0, description="the factor of the offsets' part")
    code_type: CodeType = Field("CORNER", description="what the offsets say of a prior")
    variance_encoded_in_target: bool = Field(
        False, description="whether the offsets have the variances in them already"
    )
    normalization: Normalization = Field("VALID", description="what the sum is divided by")

    def check(self) -> Iterator[LayerError]:
        if self.background_label_id >= self.num_classes:
            yield LayerError(
                "bad-value",
                f"`background_label_id` is {self.background_label_id}, but the classes are 0 to "
                f"{self.num_classes - 1}",
                field="background_label_id",
            )

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        require_boxes(self, bottoms, 1, self.num_classes)
        objects = bottoms[3].shape
        if objects.rank != 2 or objects[1] != 6:
            raise LayerError(
                "shape-mismatch",
                f"MultiBoxLoss needs objects G×6 as its fourth bottom, but {{3}} gives {objects}",
                bottom=3,
                help="an object is [item, label, x1, y1, x2, y2]",
            )
        return (bottoms[0].with_shape(),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        offsets, scores, priors, objects = (bottom.shape for bottom in bottoms)
        count = offsets.elements // 4
        pairs = objects[0] * (priors.elements // 8)
        return Work({Kind.LOSS: 5 * scores.elements + count + 6 * offsets.elements + 12 * pairs})
