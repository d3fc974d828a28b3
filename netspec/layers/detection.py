"""The layers of a single-shot detector: boxes to start from, and what becomes of them."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from netspec.graph.bounds import equal
from netspec.graph.fillers import uppercase
from netspec.graph.reach import UNREAD, Reach
from netspec.graph.sizes import ROWS, Size, exact_div
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import require_image
from netspec.layers.elements import REALS, Elements
from netspec.layers.fields import MAX_SIZE, Count

MOST = 256
"""Sizes or ratios of boxes that one layer may list."""


def _listed(value: object) -> object:
    """A single number stands for a list of one."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return [value] if is_number else value


def _schema(least: int, most: int, **bounds: float) -> WithJsonSchema:
    number: dict[str, Any] = {"type": "number", **bounds}
    numbers = {"type": "array", "items": number, "minItems": least, "maxItems": most}
    return WithJsonSchema({"anyOf": [number, numbers] if least < 2 else [numbers]})


Pixels = Annotated[float, Field(ge=1, le=MAX_SIZE)]
Ratio = Annotated[float, Field(ge=1e-3, le=1e3)]
Variance = Annotated[float, Field(gt=0, le=1e6)]

BoxSizes = Annotated[
    list[Pixels],
    BeforeValidator(_listed),
    Field(max_length=MOST),
    _schema(0, MOST, minimum=1, maximum=MAX_SIZE),
]
"""Sizes of boxes in pixels; one may stand alone."""

Ratios = Annotated[
    list[Ratio],
    BeforeValidator(_listed),
    Field(max_length=MOST),
    _schema(0, MOST, minimum=1e-3, maximum=1e3),
]
"""Widths over heights; one may stand alone."""

Variances = Annotated[
    list[Variance],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=4),
    _schema(1, 4, exclusiveMinimum=0, maximum=1e6),
]
"""A number for each coordinate; one may stand alone, for all four."""

CodeType = Annotated[Literal["CORNER", "CENTER_SIZE"], BeforeValidator(uppercase)]


class PriorBox(Layer):
    """Boxes of a few sizes around the centre of each element of a feature map.

    Bottoms: the map and the image that it was made of; only their sizes matter. Around the centre
    ((x + offset)·step, (y + offset)·step) of the element at row y and column x stand, for each
    `min_size`: a square of that side; with `max_size` one of the side √(min_size·max_size); and
    for each `aspect_ratio` r, and with `flip` for 1/r behind it, a box min_size·√r wide and
    min_size/√r high. A ratio within 1e-6 of 1 or of one before it is left out. Sizes are in pixels
    of the image and, as in Caffe, cut to whole numbers; `step: 0` is the image's size over the
    map's, rows and columns apart.

    The top has two rows: [x1, y1, x2, y2] of each box, over the image's width and height, in the
    order rows, columns, boxes; and `variance` for each of these numbers. The same priors serve all
    items of a batch. Join several layers' by `Concat` with `axis: 2`.
    """

    family: ClassVar[str] = "detection"
    source: ClassVar[str] = "Liu et al. 2016 (SSD) and their prior_box_layer.cpp"
    shape_rule: ClassVar[str] = (
        "1 × 2 × 4·H·W·K for a map N×C×H×W, with K boxes around an element: for each `min_size` "
        "one, one more with `max_size`, and one for each ratio"
    )
    flops_rule: ClassVar[str] = "8 for each box: a sum or difference and a division for each side"
    bottom_count: ClassVar[tuple[int, int | None]] = (2, 2)
    example: ClassVar[str] = """
        inputs: {data: [N, 3, 300, 300]}
        layers:
          - {name: map, type: Convolution, num_output: 512, kernel_size: 3, stride: 8}
          - name: priors
            type: PriorBox
            bottom: [map, data]
            min_size: 30
            max_size: 60
            aspect_ratio: 2
            step: 8
            variance: [0.1, 0.1, 0.2, 0.2]
        outputs: [map, priors]
    """
    synonyms: ClassVar[tuple[str, ...]] = ("DefaultBoxGenerator", "PriorBoxClustered")
    synonym_notes: ClassVar[dict[str, str]] = {
        "PriorBoxClustered": "(its boxes are of `min_size` and `aspect_ratio`)"
    }
    field_synonyms: ClassVar[dict[str, str]] = {
        "min_sizes": "min_size",
        "max_sizes": "max_size",
        "aspect_ratios": "aspect_ratio",
        "variances": "variance",
        "steps": "step",
        "step_h": "step",
        "step_w": "step",
    }
    field_notes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            ("step_h", "step_w"),
            "write `step`, for both, or leave it out: the image's size over the map's",
        ),
        **dict.fromkeys(
            ("img_size", "img_h", "img_w"), "leave it out: the second bottom is the image"
        ),
    }

    min_size: BoxSizes = Field(min_length=1, description="sides of squares, in pixels")
    max_size: BoxSizes = Field([], description="as many larger ones: √(min·max) is a side, too")
    aspect_ratio: Ratios = Field([], description="further boxes' widths over their heights")
    flip: bool = Field(True, description="whether each ratio's inverse has a box, too")
    clip: bool = Field(False, description="whether to cut boxes off at the image's edges")
    variance: Variances = Field([0.1], description="what offsets are multiplied by; one or four")
    step: float = Field(0.0, ge=0, le=MAX_SIZE, description="pixels between centres; 0: as fits")
    offset: float = Field(0.5, ge=-1, le=1, description="where in an element its centre is")

    @property
    def squares(self) -> list[tuple[float, float]]:
        """For each `min_size` it and its `max_size`, in whole pixels; 0 where there is none."""
        larger = self.max_size or [0.0] * len(self.min_size)
        return [(int(a), int(b)) for a, b in zip(self.min_size, larger, strict=True)]

    @property
    def ratios(self) -> list[float]:
        """The ratios that boxes have beside 1, each of which stands for its inverse with `flip`."""
        seen, found = [1.0], []
        for ratio in self.aspect_ratio:
            if all(abs(ratio - each) >= 1e-6 for each in seen):
                seen += [ratio, 1 / ratio] if self.flip else [ratio]
                found.append(ratio)
        return found

    @property
    def variances(self) -> list[float]:
        """A number for each coordinate."""
        return list(self.variance) * (4 // len(self.variance))

    def boxes(self) -> list[tuple[float, float]]:
        """The width and height of each box around an element."""
        found: list[tuple[float, float]] = []
        for least, larger in self.squares:
            found.append((least, least))
            if larger:
                found.append(((least * larger) ** 0.5,) * 2)
            for ratio in self.ratios:
                long, short = least * ratio**0.5, least / ratio**0.5
                found += [(long, short), (short, long)] if self.flip else [(long, short)]
        return found

    def check(self) -> Iterator[LayerError]:
        if self.max_size and len(self.max_size) != len(self.min_size):
            yield LayerError(
                "bad-value",
                f"`max_size` needs a number for each `min_size`, {len(self.min_size)}, not "
                f"{len(self.max_size)}",
                field="max_size",
            )
        elif any(int(b) <= int(a) for a, b in zip(self.min_size, self.max_size, strict=False)):
            yield LayerError(
                "bad-value", "each `max_size` must be greater than its `min_size`", field="max_size"
            )
        if len(self.variance) not in (1, 4):
            yield LayerError(
                "bad-value",
                f"`variance` needs one number or four, not {len(self.variance)}",
                field="variance",
            )

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        return UNREAD

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = require_image(self, bottoms)
        require_image(self, bottoms, 1)
        each = 1 + len(self.ratios) * (2 if self.flip else 1)
        count = len(self.min_size) * each + len(self.max_size)
        return (bottoms[0].with_shape(1, 2, shape[2] * shape[3] * (4 * count)),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.REGIONS: tops[0].shape[2] * 2})


class DetectionOutput(Layer):
    """What a single-shot detector finds: the best boxes, each with a label and a score.

    Bottoms: offsets with 4 numbers for each of P priors (N×4·P, or any shape with as many elements
    an item; without `share_location` 4 for each class of each prior), scores with a number for
    each class of each prior (N×P·classes), and the priors, 1×2×4·P as `PriorBox` gives them.

    CENTER_SIZE moves a prior's centre by its size times two of the offsets and multiplies its size
    by exp of the others; CORNER adds the offsets to its corners. They are multiplied by the
    variances before, unless `variance_encoded_in_target`. Then in each item, for each class but
    the background: of the scores above `confidence_threshold` the `top_k` greatest; from the
    greatest down, each box whose overlap (intersection over union) with none kept before is above
    `nms_threshold`. Of all classes' boxes the `keep_top_k` with the greatest scores remain. Of
    equal scores the first comes first. A score that is NaN and a box that isn't finite are never
    found.

    The top has a row [item, label, score, x1, y1, x2, y2] for each box, by item, label and score;
    boxes aren't cut off at the edges. How many there are shows when the network runs: where nothing
    is found, none. (Caffe then gives a row of −1 for each item.)
    """

    family: ClassVar[str] = "detection"
    source: ClassVar[str] = "Liu et al. 2016 (SSD) and their detection_output_layer.cpp"
    shape_rule: ClassVar[str] = "rows×7, as many rows as it finds: a size that shows when it runs"
    flops_rule: ClassVar[str] = (
        "a comparison for each score, and for each offset CENTER_SIZE 6, CORNER 2, of which a "
        "product with the variance: one less with `variance_encoded_in_target`; overlaps aren't "
        "counted, as their number shows when it runs"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (3, 3)
    # ONNX's NonMaxSuppression takes float32 alone.
    elements: ClassVar[tuple[Elements, ...]] = (REALS - {"float64"},)
    one_type: ClassVar[bool] = True
    counts_rows: ClassVar[bool] = True
    saturates: ClassVar[bool] = True
    example: ClassVar[str] = """
        inputs: {data: [N, 3, 300, 300]}
        layers:
          - {name: map, type: Convolution, num_output: 64, kernel_size: 3, stride: 32}
          - {name: priors, type: PriorBox, bottom: [map, data], min_size: 60, aspect_ratio: 2}
          - {name: loc, type: Convolution, num_output: 12, kernel_size: 1, bottom: map}
          - {name: loc_last, type: Permute, order: [0, 2, 3, 1]}
          - {name: conf, type: Convolution, num_output: 63, kernel_size: 1, bottom: map}
          - {name: conf_last, type: Permute, order: [0, 2, 3, 1]}
          - {name: scores, type: Reshape, shape: [0, -1, 21]}
          - {name: softmax, type: Softmax, axis: 2}
          - name: detection_out
            type: DetectionOutput
            bottom: [loc_last, softmax, priors]
            num_classes: 21
            code_type: CENTER_SIZE
            nms_threshold: 0.45
            top_k: 400
            keep_top_k: 200
            confidence_threshold: 0.01
    """
    synonyms: ClassVar[tuple[str, ...]] = ("NonMaxSuppression", "NMS", "Detect")
    field_synonyms: ClassVar[dict[str, str]] = {
        "iou_threshold": "nms_threshold",
        "nms_thresh": "nms_threshold",
        "score_threshold": "confidence_threshold",
        "conf_thresh": "confidence_threshold",
        "score_thresh": "confidence_threshold",
        "detections_per_img": "keep_top_k",
        "topk_candidates": "top_k",
        "max_output_boxes_per_class": "top_k",
        "nms_param": "nms_threshold",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "nms_param": "write `nms_threshold` and `top_k` themselves",
        "save_output_param": "leave it out: what writes results to files is no part of a network",
    }

    num_classes: Count = Field(description="how many classes there are, the background included")
    share_location: bool = Field(True, description="whether the classes share a prior's offsets")
    background_label_id: int = Field(
        0, ge=-1, le=MAX_SIZE, description="the class that is never found; −1: none"
    )
    nms_threshold: float = Field(0.3, ge=0, le=1, description="the greatest overlap of two boxes")
    top_k: Count | None = Field(None, description="boxes looked at of each class; null: all")
    keep_top_k: Count | None = Field(None, description="boxes kept of each item; null: all")
    confidence_threshold: float | None = Field(
        None, description="what a score must be above; null: any"
    )
    code_type: CodeType = Field("CORNER", description="what the offsets say of a prior")
    variance_encoded_in_target: bool = Field(
        False, description="whether the offsets have the variances in them already"
    )

    @classmethod
    def advise(cls, field: str, value: object, others: Mapping[str, object]) -> str | None:
        if field in ("top_k", "keep_top_k") and value == -1:
            return "leave it out: without it all count"
        return super().advise(field, value, others)

    def check(self) -> Iterator[LayerError]:
        if self.background_label_id >= self.num_classes:
            yield LayerError(
                "bad-value",
                f"`background_label_id` is {self.background_label_id}, but the classes are 0 to "
                f"{self.num_classes - 1}",
                field="background_label_id",
            )
        elif self.num_classes == 1 and self.background_label_id == 0:
            yield LayerError(
                "bad-value",
                "DetectionOutput can find nothing: its only class is the background",
                field="num_classes",
                help="`num_classes` counts the background; with none, `background_label_id: -1`",
            )

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        located = 1 if self.share_location else self.num_classes
        require_boxes(self, bottoms, located, self.num_classes)
        return (bottoms[0].with_shape(ROWS, 7),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        each = (6 if self.code_type == "CENTER_SIZE" else 2) - self.variance_encoded_in_target
        return Work({Kind.REGIONS: each * bottoms[0].shape.elements + bottoms[1].shape.elements})


def prior_count(layer: Layer, bottoms: Types, bottom: int = 2) -> Size:
    """How many priors a bottom holds."""
    shape = bottoms[bottom].shape
    count = exact_div(shape[2], 4) if shape.rank == 3 else None
    if count is None or shape[:2] != (1, 2):
        raise LayerError(
            "shape-mismatch",
            f"{layer.type_name} needs priors 1×2×4·P as its third bottom, but {{{bottom}}} gives "
            f"{shape}",
            bottom=bottom,
            help="`PriorBox` gives such; join several by `Concat` with `axis: 2`",
        )
    return count


def require_boxes(layer: Layer, bottoms: Types, located: int, classes: int) -> Size:
    """Offsets for so many locations of each prior, and scores of so many classes; gives the number
    of priors.
    """
    count = prior_count(layer, bottoms)
    batch = bottoms[0].shape[0] if bottoms[0].shape else 1
    wanted = ((4 * located, "4 offsets", located), (classes, "a score", classes))
    for number, (each, what, classed) in enumerate(wanted):
        shape = bottoms[number].shape
        fits = shape.rank > 1 and equal(shape[0], batch)
        if not fits or not equal(shape[1:].elements, count * each):
            of = f" for each of {classed} classes" if classed > 1 else ""
            raise LayerError(
                "shape-mismatch",
                f"{layer.type_name} needs {what}{of} of each of {count} priors, {batch}×"
                f"{_factor(count * each)}, but {{{number}}} gives {shape}",
                bottom=number,
            )
    return count


def _factor(size: Size) -> str:
    return f"({size})" if " " in str(size) else str(size)
