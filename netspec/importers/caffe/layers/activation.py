"""Activations and arithmetic of single elements."""

from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.layers.values import (
    engine,
    filler,
    given,
    take,
)
from netspec.importers.caffe.parts import CaffeLayer, Part, Translated


@translates("ReLU")
def relu(layer: CaffeLayer) -> Translated:
    message = layer.message("relu_param")
    engine(layer, message)
    return Part("ReLU", take(message, "negative_slope"))


@translates("PReLU")
def prelu(layer: CaffeLayer) -> Translated:
    message = layer.message("prelu_param")
    fields = take(message, "channel_shared")
    slopes = filler(message, "filler")
    if slopes is not None:
        fields["filler"] = slopes
    return Part("PReLU", fields, blobs=("weight",))


@translates("Sigmoid", "TanH", "AbsVal", "BNLL", "ReLU6", "SELU", "Mish")
def plain(layer: CaffeLayer) -> Translated:
    for name in ("sigmoid_param", "tanh_param"):
        engine(layer, layer.message(name))
    return Part(layer.type.value)


@translates("ELU")
def elu(layer: CaffeLayer) -> Translated:
    return Part("ELU", take(layer.message("elu_param"), "alpha"))


@translates("Swish")
def swish(layer: CaffeLayer) -> Translated:
    return Part("Swish", take(layer.message("swish_param"), "beta"))


@translates("Power")
def power(layer: CaffeLayer) -> Translated:
    return Part("Power", take(layer.message("power_param"), "power", "scale", "shift"))


@translates("Exp")
def exp(layer: CaffeLayer) -> Translated:
    return Part("Exp", take(layer.message("exp_param"), "base", "scale", "shift"))


@translates("Log")
def log(layer: CaffeLayer) -> Translated:
    return Part("Log", take(layer.message("log_param"), "base", "scale", "shift"))


@translates("Threshold")
def threshold(layer: CaffeLayer) -> Translated:
    return Part("Threshold", take(layer.message("threshold_param"), "threshold"))


@translates("Clip")
def clip(layer: CaffeLayer) -> Translated:
    return Part("Clip", take(layer.message("clip_param"), "min", "max"))


@translates("Softmax")
def softmax(layer: CaffeLayer) -> Translated:
    message = layer.message("softmax_param")
    engine(layer, message)
    return Part("Softmax", take(message, "axis"))


@translates("Dropout")
def dropout(layer: CaffeLayer) -> Translated:
    message = layer.message("dropout_param")
    sampled = message.told("sample_weights_test")
    if sampled is not None and sampled.value and "TEST" in layer.phases:
        layer.refuse(
            "with `sample_weights_test` a Dropout draws in the TEST phase as well, and a spec's "
            "does nothing there",
            sampled.place,
            help="leave the field out; to draw samples in PyTorch, put the module's nn.Dropout in "
            "training mode",
        )
    ratio, scales = message.told("dropout_ratio"), message.told("scale_train")
    part = Part("Dropout", given(dropout_ratio=ratio))
    if scales is None or scales.value:
        return part
    # What is kept isn't divided by 1 - p in TRAIN; in TEST all is multiplied by it.
    kept = round(1 - (ratio.value if ratio is not None else 0.5), 9)
    part.suffix, part.tops = "_dropped", ()
    return [part, Part("Power", {"scale": scales.but(kept)}, bottoms=("_dropped",))]
