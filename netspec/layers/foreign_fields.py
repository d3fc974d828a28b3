"""What other frameworks write in any layer's entry, and what stands for it here.

Fields that a layer of its own knows by another name are its `field_synonyms` and `field_notes`.
"""

from collections.abc import Mapping
from typing import Any

from netspec.layers.base import Layer
from netspec.layers.foreign import called
from netspec.source.flow import as_flow

MAX_SHOWN = 160
"""Longer messages are told in words alone."""
MAX_BLOBS = 4
"""More parameters than any layer has."""

_INFERRED = "leave it out: a layer knows it from what it reads"
_BACK_END = "leave it out: how a layer is computed is the back end's affair"
_ORDER = "leave it out: images are N×C×H×W here"
_FREEZE = "`param: [{lr_mult: 0}, {lr_mult: 0}]` freezes weight and bias"
_DECAY = "`param: [{decay_mult: 1}, {decay_mult: 0}]` scales the training's weight decay"
_DATA = "leave it out: data is prepared before it is the network's input"

_ANSWERS: dict[str, str] = {
    **dict.fromkeys(
        ("in_channels", "in_features", "input_shape", "input_dim", "num_features", "batch_shape"),
        _INFERRED,
    ),
    **dict.fromkeys(
        ("inplace", "in_place", "engine", "force_nd_im2col", "cudnn_enabled", "device", "dtype"),
        _BACK_END,
    ),
    **dict.fromkeys(("data_format", "dim_ordering", "layout"), _ORDER),
    **dict.fromkeys(("trainable", "freeze", "frozen", "requires_grad", "propagate_down"), _FREEZE),
    **dict.fromkeys(("kernel_regularizer", "bias_regularizer", "activity_regularizer"), _DECAY),
    **dict.fromkeys(
        ("transform_param", "data_param", "image_data_param", "hdf5_data_param", "batch_size"),
        _DATA,
    ),
    "lr_mult": "it stands in `param`, for weight and bias: `param: [{lr_mult: 1}, {lr_mult: 2}]`",
    "decay_mult": "it stands in `param`, for weight and bias: "
    "`param: [{decay_mult: 1}, {decay_mult: 0}]`",
    "kernel_constraint": "leave it out: netspec constrains no weights",
    "bias_constraint": "leave it out: netspec constrains no weights",
    **dict.fromkeys(("input", "inputs", "from"), "netspec calls it `bottom`"),
    **dict.fromkeys(("output",), "netspec calls it `top`"),
    **dict.fromkeys(("if", "condition"), "netspec calls it `when`"),
    **dict.fromkeys(("times", "number", "count"), "netspec calls it `repeat`"),
}

_PER_BLOB = {"blobs_lr": "lr_mult", "weight_decay": "decay_mult"}
"""Caffe's old lists, an item for each of a layer's blobs."""
_OTHER_PHASE = {"TRAIN": "TEST", "TEST": "TRAIN"}


def help_for(name: str, value: Any, layers: Mapping[str, type[Layer]]) -> str | None:
    """Help for a field that any entry of another framework may have."""
    if name in _ANSWERS:
        return _ANSWERS[name]
    if name in _PER_BLOB:
        return _per_blob(_PER_BLOB[name], value)
    if name in ("include", "exclude"):
        return _rule(name, value)
    if name == "activation":
        return _activation(value, layers)
    if name.endswith("_param"):
        return _message(value)
    return None


def moved(name: str, value: Any) -> tuple[str, ...]:
    """The fields that a Caffe message holds, which its rewrite gives."""
    return tuple(map(str, value)) if name.endswith("_param") and isinstance(value, dict) else ()


def _message(value: Any) -> str:
    text = ""
    if isinstance(value, dict) and len(str(value)) <= MAX_SHOWN:
        text = as_flow({key: _plain(each) for key, each in value.items()})[1:-1]
    return "its fields stand in the entry itself" + (f": `{text}`" if text else "")


def _plain(value: Any) -> Any:
    """Caffe's BlobShape, {dim: [...]}, as the list that it holds."""
    return value["dim"] if isinstance(value, dict) and value.keys() == {"dim"} else value


def _per_blob(key: str, value: Any) -> str:
    items = value if isinstance(value, list) and len(value) <= MAX_BLOBS else [value]
    if not all(isinstance(each, int | float) for each in items):
        return f"`param` has a `{key}` for each parameter"
    return f"write `param: {as_flow([{key: each} for each in items])}`"


def _rule(name: str, value: Any) -> str:
    """Caffe's NetStateRule, or a list of one."""
    rule = value[0] if isinstance(value, list) and len(value) == 1 else value
    phase = str(rule.get("phase")).upper() if isinstance(rule, dict) and len(rule) == 1 else ""
    if phase in _OTHER_PHASE:
        return f"write `phase: {phase if name == 'include' else _OTHER_PHASE[phase]}`"
    return "write `phase: TRAIN` or `phase: TEST`; for stages and levels a var, and `when: $name`"


def _activation(value: Any, layers: Mapping[str, type[Layer]]) -> str:
    if value is None or str(value) == "linear":
        return "leave it out: there is no activation but a layer of its own"
    found = called(str(value), layers) or "`ReLU` or another"
    return f"an activation is a layer of its own, behind this one: {found}"
