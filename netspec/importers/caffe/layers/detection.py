"""The layers of detectors, which forks have."""

import ast
import re

from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.layers.values import (
    given,
    take,
)
from netspec.importers.caffe.parts import CaffeLayer, Part, Translated, Values
from netspec.importers.caffe.told import Told


@translates("PriorBox")
def prior_box(layer: CaffeLayer) -> Translated:
    message = layer.message("prior_box_param")
    fields: Values = {}
    for name in ("min_size", "max_size", "aspect_ratio", "variance"):
        values = message.every(name)
        if values:
            listed = [each.value for each in values]
            fields[name] = values[0].but(listed if len(listed) > 1 else listed[0])
    fields |= take(message, "flip", "clip") | take(message, "step", "offset")
    return Part("PriorBox", fields)


def _code_type(message: Fields) -> Told | None:
    return message.told("code_type")


@translates("DetectionOutput")
def detection_output(layer: CaffeLayer) -> Translated:
    layer.fields.ignore("transform_param")  # of the image that it would draw boxes into
    message = layer.message("detection_output_param")
    message.ignore("save_output_param", "visualize", "visualize_threshold", "save_file")
    nms = message.message("nms_param")
    fields = take(message, "num_classes", "background_label_id", "keep_top_k")
    fields |= take(message, "share_location", "variance_encoded_in_target")
    fields |= take(message, "confidence_threshold") | given(code_type=_code_type(message))
    fields |= take(nms, "nms_threshold") | take(nms, "top_k")
    if "keep_top_k" in fields and fields["keep_top_k"].value == -1:
        fields.pop("keep_top_k")
    if len(layer.bottoms) > 3:
        layer.notes.drop("the image that boxes are drawn into")
    return Part("DetectionOutput", fields, bottoms=(0, 1, 2))


@translates("MultiBoxLoss")
def multi_box_loss(layer: CaffeLayer) -> Translated:
    message = layer.message("multibox_loss_param")
    fields = take(message, "num_classes", "background_label_id")
    fields |= take(message, "overlap_threshold", "neg_overlap", "neg_pos_ratio", "loc_weight")
    fields |= given(code_type=_code_type(message))
    fields |= take(message, "variance_encoded_in_target")
    normalization = layer.message("loss_param").told("normalization")
    fields |= given(normalization=normalization)
    for name, only in _ONLY.items():
        told = message.told(name)
        if told is not None and told.value not in only:
            layer.refuse(f"a spec's MultiBoxLoss has `{name}: {_word(only[0])}` alone", told.place)
    weights = layer.fields.every("loss_weight")
    return Part("MultiBoxLoss", fields | ({"loss_weight": weights[0]} if weights else {}))


def _word(value: bool | str) -> str:
    """A value as a prototxt writes it."""
    return value if isinstance(value, str) else str(value).lower()


_ONLY: dict[str, tuple[bool | str, ...]] = {
    "loc_loss_type": ("SMOOTH_L1",),
    "conf_loss_type": ("SOFTMAX",),
    "match_type": ("PER_PREDICTION",),
    "mining_type": ("MAX_NEGATIVE",),
    "share_location": (True,),
    "do_neg_mining": (True,),
    "use_prior_for_matching": (True,),
    "use_difficult_gt": (True, False),
    "ignore_cross_boundary_bbox": (False,),
}
"""What SSD's loss can be told, and netspec's does."""

_FEATURE_STRIDE = re.compile(r"\s*(?P<quote>['\"]?)feat_stride(?P=quote)\s*:\s*(\d+)")


@translates("Python")
def python(layer: CaffeLayer) -> Translated:
    message = layer.message("python_param")
    name, text = message.told("layer"), message.told("param_str")
    message.ignore("module", "share_in_parallel")
    if name is None or name.value != "ProposalLayer":
        called = f"`{name.value}`" if name is not None else "it"
        layer.refuse(f"what {called} computes stands in Python code, which isn't run")
    if len(layer.tops) > 1:
        layer.notes.drop("the scores of what a ProposalLayer proposes")
    return Part("Proposal", _proposal(layer, text), tops=(0,))


def _proposal(layer: CaffeLayer, text: Told | None) -> Values:
    """Faster R-CNN's settings: a mapping in Python's or YAML's words."""
    found = _FEATURE_STRIDE.search(text.value) if text is not None else None
    if text is None or found is None:
        layer.refuse("a ProposalLayer's `param_str` says its `feat_stride`")
    fields = {"feat_stride": text.but(int(found[2]))}
    scales = re.search(r"scales['\"]?\s*:\s*([\[(][\d.,\s]*[\])])", text.value)
    if scales is not None:
        fields["scales"] = text.but([float(each) for each in ast.literal_eval(scales[1])])
    return fields
