"""V0 to V1: a layer's settings in a message of their own, and its type a word.

V0 has `layers { layer { name type settings… } bottom top }`, with padding as a layer of its own
before the one that pads.
"""

from collections.abc import Iterator, Sequence

from netspec.diagnostics import Diagnostics
from netspec.diagnostics.suggest import did_you_mean
from netspec.importers.caffe.text import Field, Kind, Token
from netspec.importers.caffe.upgrade.trees import first, nested, renamed, text, with_fields, wrapped

_PADDING = "padding"

_TYPES = {
    "accuracy": ("ACCURACY", ""),
    "bnll": ("BNLL", ""),
    "concat": ("CONCAT", "concat_param"),
    "conv": ("CONVOLUTION", "convolution_param"),
    "data": ("DATA", "data_param"),
    "dropout": ("DROPOUT", "dropout_param"),
    "euclidean_loss": ("EUCLIDEAN_LOSS", ""),
    "flatten": ("FLATTEN", ""),
    "hdf5_data": ("HDF5_DATA", "hdf5_data_param"),
    "hdf5_output": ("HDF5_OUTPUT", ""),
    "im2col": ("IM2COL", ""),
    "images": ("IMAGE_DATA", "image_data_param"),
    "infogain_loss": ("INFOGAIN_LOSS", "infogain_loss_param"),
    "innerproduct": ("INNER_PRODUCT", "inner_product_param"),
    "lrn": ("LRN", "lrn_param"),
    "multinomial_logistic_loss": ("MULTINOMIAL_LOGISTIC_LOSS", ""),
    "pool": ("POOLING", "pooling_param"),
    "relu": ("RELU", ""),
    "sigmoid": ("SIGMOID", ""),
    "softmax": ("SOFTMAX", ""),
    "softmax_loss": ("SOFTMAX_LOSS", ""),
    "split": ("SPLIT", ""),
    "tanh": ("TANH", ""),
    "window_data": ("WINDOW_DATA", "window_data_param"),
}
"""V1's word for a type, and the message of such a layer's settings."""

_KEPT = ("blobs", "blobs_lr", "weight_decay")
_TRANSFORMS = {
    "scale": "scale",
    "meanfile": "mean_file",
    "cropsize": "crop_size",
    "mirror": "mirror",
}
_SETTINGS = {
    "num_output": ("num_output", "conv innerproduct"),
    "biasterm": ("bias_term", "conv innerproduct"),
    "weight_filler": ("weight_filler", "conv innerproduct"),
    "bias_filler": ("bias_filler", "conv innerproduct"),
    "pad": ("pad", "conv pool"),
    "kernelsize": ("kernel_size", "conv pool"),
    "stride": ("stride", "conv pool"),
    "group": ("group", "conv"),
    "pool": ("pool", "pool"),
    "dropout_ratio": ("dropout_ratio", "dropout"),
    "local_size": ("local_size", "lrn"),
    "alpha": ("alpha", "lrn"),
    "beta": ("beta", "lrn"),
    "k": ("k", "lrn"),
    "source": ("source", "data hdf5_data images infogain_loss window_data"),
    "batchsize": ("batch_size", "data hdf5_data images window_data"),
    "rand_skip": ("rand_skip", "data images"),
    "shuffle_images": ("shuffle", "images"),
    "new_height": ("new_height", "images"),
    "new_width": ("new_width", "images"),
    "concat_dim": ("concat_dim", "concat"),
    "det_fg_threshold": ("fg_threshold", "window_data"),
    "det_bg_threshold": ("bg_threshold", "window_data"),
    "det_fg_fraction": ("fg_fraction", "window_data"),
    "det_context_pad": ("context_pad", "window_data"),
    "det_crop_mode": ("crop_mode", "window_data"),
}
"""What a setting is called in V1, and the types of layers that have it."""


def from_v0(layers: Sequence[Field], diagnostics: Diagnostics) -> list[Field]:
    """The `layers` of a V0 network as V1 has them; what has no place there is told."""
    return [_layer(each, diagnostics) for each in _padded(layers, diagnostics)]


def _padded(layers: Sequence[Field], diagnostics: Diagnostics) -> Iterator[Field]:
    """The layers without those that pad: who reads one pads by as much, and reads what it reads."""
    padding: dict[str, Field] = {}
    for layer in layers:
        fields = list(nested(layer))
        inner = first(fields, "layer")
        kind = first(nested(inner), "type") if inner is not None else None
        if text(kind) == _PADDING:
            padding[text(first(fields, "top"))] = layer
            continue
        bottom = first(fields, "bottom")
        pads = padding.get(text(bottom))
        if pads is None or bottom is None or inner is None:
            yield layer
        elif text(kind) in ("conv", "pool"):
            yield _with_padding(layer, inner, bottom, pads)
        else:
            message = f"a layer of type `{text(kind)}` can't pad as `{text(bottom)}` asks it to"
            diagnostics.error("bad-value", message, bottom.value.place.span)


def _with_padding(layer: Field, inner: Field, bottom: Field, pads: Field) -> Field:
    inside = first(nested(pads), "layer")
    pad = first(nested(inside), "pad") if inside is not None else None
    source = first(nested(pads), "bottom")
    fields = [each for each in nested(layer) if each not in (inner, bottom)]
    settings = [each for each in nested(inner) if each.name != "pad"]
    fields.append(with_fields(inner, [*settings, *([pad] if pad is not None else [])]))
    return with_fields(layer, [*fields, *([source] if source is not None else [])])


def _layer(layer: Field, diagnostics: Diagnostics) -> Field:
    inner = first(nested(layer), "layer")
    if inner is None:
        message = "this layer has no `layer` within, as others in this file do"
        diagnostics.error("missing-field", message, layer.place.span)
        return layer
    name, kind = first(nested(inner), "name"), first(nested(inner), "type")
    word, settings = _TYPES.get(text(kind), ("", ""))
    fields = [each for each in nested(layer) if each is not inner]
    fields += [name] if name is not None else []
    if kind is not None and word:
        fields.append(Field("type", kind.place, Token(Kind.WORD, word, kind.value.place)))
    elif kind is not None:
        message = f"no type of layer was called `{text(kind)}` in this form"
        help = did_you_mean(text(kind), _TYPES)
        diagnostics.error("unknown-type", message, kind.value.place.span, help=help)
    own, transforms = [], []
    for each in nested(inner):
        new, types = _SETTINGS.get(each.name, ("", ""))
        if each.name in ("name", "type"):
            continue
        if each.name in _KEPT or (each.name == "hdf5_output_param" and word == "HDF5_OUTPUT"):
            fields.append(each)
        elif each.name in _TRANSFORMS:
            transforms.append(renamed(each, _TRANSFORMS[each.name]))
        elif text(kind) in types.split():
            own.append(renamed(each, new))
        elif word:
            message = f"a layer of type `{text(kind)}` has no `{each.name}`"
            diagnostics.error("unknown-field", message, each.place.span)
    return with_fields(
        layer, [*fields, *wrapped(settings, own), *wrapped("transform_param", transforms)]
    )
