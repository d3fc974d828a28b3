"""The layers that make boxes, and those that find them."""

from collections.abc import Iterable, Sequence

from netspec.graph import Node
from netspec.layers.detection import DetectionOutput, PriorBox
from netspec.layers.proposal import Proposal
from netspec.lower.torch.code import Brackets, Expr, Literal, call
from netspec.lower.torch.registry import Lowered, lowers


def numbers(values: Iterable[float], field: str) -> Brackets:
    """A list of floating-point numbers, each of which is called so where it's a parameter."""
    return Brackets("[]", tuple(Literal(float(value), field) for value in values))


@lowers(PriorBox)
def prior_box(layer: PriorBox, node: Node) -> Lowered:
    lists = {
        "min_sizes": ([each for each, _ in layer.squares], "min_size"),
        "variances": (layer.variances, "variance"),
        "max_sizes": ([each for _, each in layer.squares if each], "max_size"),
        "ratios": (layer.ratios, "ratio"),
    }
    settings: dict[str, Expr] = {
        name: numbers(each, field) for name, (each, field) in lists.items() if each
    }
    settings |= {
        "flip": Literal(layer.flip, "flip", True),
        "step": Literal(layer.step, "step", 0.0),
        "offset": Literal(layer.offset, "offset", 0.5),
        "clip": Literal(layer.clip, "clip", False),
    }

    def priors(operands: Sequence[Expr]) -> Expr:
        return call("prior_boxes", *operands, **settings)

    return Lowered(function=priors, helper="prior_boxes")


@lowers(DetectionOutput)
def detection_output(layer: DetectionOutput, node: Node) -> Lowered:
    settings: dict[str, Expr] = {
        "num_classes": Literal(layer.num_classes, "num_classes"),
        "share_location": Literal(layer.share_location, "share_location", True),
        "background": Literal(layer.background_label_id, "background", 0),
        "nms_threshold": Literal(layer.nms_threshold, "nms_threshold", 0.3),
    }
    for name in ("top_k", "keep_top_k", "confidence_threshold"):
        value = getattr(layer, name)
        if value is not None:
            settings[name] = Literal(value, name)
    settings |= {
        "corner": Literal(layer.code_type == "CORNER", "corner", False),
        "scaled": Literal(layer.variance_encoded_in_target, "scaled", False),
    }

    def found(operands: Sequence[Expr]) -> Expr:
        return call("detection_output", *operands, **settings)

    return Lowered(function=found, helper="detection_output")


@lowers(Proposal)
def proposal(layer: Proposal, node: Node) -> Lowered:
    settings: dict[str, Expr] = {
        "ratios": numbers(layer.ratios, "ratio"),
        "scales": numbers(layer.scales, "scale"),
        "stride": Literal(layer.feat_stride, "stride", 16),
        "base_size": Literal(layer.base_size, "base_size", 16),
    }
    for name in ("pre_nms_topn", "post_nms_topn"):
        value = getattr(layer, name)
        if value is not None:
            settings[name] = Literal(value, name)
    settings |= {
        "nms_threshold": Literal(layer.nms_thresh, "nms_threshold", 0.7),
        "min_size": Literal(layer.min_size, "min_size", 16.0),
    }

    def regions(operands: Sequence[Expr]) -> Expr:
        return call("proposals", *operands, **settings)

    return Lowered(function=regions, helper="proposals")
