"""Normalization, and what scales and shifts."""

from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.layers.values import (
    engine,
    filler,
    given,
    take,
)
from netspec.importers.caffe.parts import CaffeLayer, Part, Translated, Values

_STATISTICS = 3
"""The blobs of a BatchNorm before those that scale and shift."""

_FRACTION = 0.999
"""Caffe's `moving_average_fraction`, where it says none."""


@translates("BatchNorm")
def batch_norm(layer: CaffeLayer) -> Translated:
    message = layer.message("batch_norm_param")
    engine(layer, message)
    fields = take(message, "eps")
    scales = _scales(layer, message)
    fixed = message.told("use_global_stats") if not layer.switches else None
    fraction = message.told("moving_average_fraction")
    if not scales:
        fields["affine"] = layer.implied(False)
    if fixed is not None:
        fields["use_global_stats"] = fixed
    if fixed is None:
        fields["moving_average_fraction"] = fraction or layer.implied(_FRACTION)
    blobs = ("running_mean", "running_var", "", *(("weight", "bias") if scales else ()))
    return Part("BatchNorm", fields, blobs=blobs, param=())


def _scales(layer: CaffeLayer, message: Fields) -> bool:
    """Whether it scales and shifts as well, as NVIDIA's does if told to, or told how to begin.

    Intel's has a `filler` beside its `bias_filler`, which one of its engines alone looks at.
    """
    intel = "filler" in message
    told = message.told("scale_bias")
    found = {name: filler(message, name) for name in ("filler", "scale_filler", "bias_filler")}
    for name, start in found.items():
        begin = 0 if name == "bias_filler" else 1
        if start is not None and start.value != _constant(begin):
            layer.refuse(
                "the factors of a spec's BatchNorm are 1 at first, and what it adds is 0",
                start.place,
            )
    if intel:
        layer.notes.drop("`filler` of a BatchNorm, which only an engine of Intel's looks at")
    begins = found["scale_filler"] or (found["bias_filler"] if not intel else None)
    scales = bool(told is not None and told.value) or begins is not None
    if scales and len(layer.fields.messages("param")) > _STATISTICS:
        place = layer.fields.messages("param")[_STATISTICS].place
        layer.refuse("rates of a BatchNorm's own factors aren't read", place)
    return scales


def _constant(value: int) -> dict[str, object]:
    return {"type": "constant"} | ({"value": value} if value else {})


@translates("Scale")
def scale(layer: CaffeLayer) -> Translated:
    message = layer.message("scale_param")
    engine(layer, message)
    fields = take(message, "axis", "num_axes") | take(message, "bias_term")
    fields |= _fillers(message, filler="filler", bias_filler="bias_filler")
    two = len(layer.bottoms) == 2
    if two:
        fields.pop("num_axes", None)
        fields.pop("filler", None)
    with_bias = "bias_term" in fields and fields["bias_term"].value
    if not with_bias:
        fields.pop("bias_filler", None)
    blobs = (() if two else ("weight",)) + (("bias",) if with_bias else ())
    return Part("Scale", fields, blobs=blobs)


@translates("Bias")
def bias(layer: CaffeLayer) -> Translated:
    message = layer.message("bias_param")
    engine(layer, message)
    fields = take(message, "axis", "num_axes") | _fillers(message, filler="filler")
    two = len(layer.bottoms) == 2
    if two:
        fields.pop("num_axes", None)
        fields.pop("filler", None)
    return Part("Bias", fields, blobs=() if two else ("bias",))


@translates("BN")
def bn(layer: CaffeLayer) -> Translated:
    """SegNet's and PSPNet's, which scale and shift; running statistics are there in some."""
    message = layer.message("bn_param")
    engine(layer, message, "bn_mode", "frozen", "icml")
    fields = take(message, "eps")
    momentum = message.told("momentum")
    fields["moving_average_fraction"] = momentum or layer.implied(0.9)
    filler(message, "scale_filler"), filler(message, "slope_filler")
    filler(message, "shift_filler"), filler(message, "bias_filler")
    blobs = ("weight", "bias", "running_mean", "running_var")
    return Part("BatchNorm", fields, blobs=blobs)


@translates("LRN")
def lrn(layer: CaffeLayer) -> Translated:
    message = layer.message("lrn_param")
    engine(layer, message)
    fields = take(message, "local_size") | take(message, "alpha", "beta", "k")
    fields |= given(norm_region=message.told("norm_region"))
    if "norm_region" in fields and fields["norm_region"].value == "WITHIN_CHANNEL":
        fields.pop("k", None)
    return Part("LRN", fields)


@translates("MVN")
def mvn(layer: CaffeLayer) -> Translated:
    message = layer.message("mvn_param")
    fields = take(message, "normalize_variance", "across_channels") | take(message, "eps")
    return Part("MVN", fields)


@translates("Normalize")
def normalize(layer: CaffeLayer) -> Translated:
    message = layer.message("norm_param")
    fields = take(message, "across_spatial", "channel_shared") | take(message, "eps")
    fields |= _fillers(message, scale_filler="scale_filler")
    return Part("Normalize", fields, blobs=("weight",))


def _fillers(message: Fields, **names: str) -> Values:
    found = {name: filler(message, other) for name, other in names.items()}
    return {name: each for name, each in found.items() if each is not None}
