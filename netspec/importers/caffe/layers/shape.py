"""Layers that join, cut and move."""

from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.layers.values import engine, given, take
from netspec.importers.caffe.parts import Alias, CaffeLayer, Part, Translated
from netspec.importers.caffe.told import Told


@translates("Concat")
def concat(layer: CaffeLayer) -> Translated:
    message = layer.message("concat_param")
    return Part("Concat", given(axis=_axis(message, "concat_dim")))


@translates("Slice")
def slice_(layer: CaffeLayer) -> Translated:
    message = layer.message("slice_param")
    points = message.every("slice_point")
    listed = points[0].but([each.value for each in points]) if points else None
    return Part("Slice", given(axis=_axis(message, "slice_dim"), slice_point=listed))


def _axis(message: Fields, old: str) -> Told | None:
    return message.told("axis") or message.told(old)


@translates("Split")
def split(layer: CaffeLayer) -> Translated:
    return Alias()


@translates("Eltwise")
def eltwise(layer: CaffeLayer) -> Translated:
    message = layer.message("eltwise_param")
    message.ignore("stable_prod_grad")
    engine(layer, message)
    operation = message.told("operation")
    coefficients = message.every("coeff")
    values = [each.value for each in coefficients]
    summed = operation is None or operation.value == "SUM"
    if coefficients and operation is not None and operation.value == "PROD":
        layer.refuse("`coeff` is for sums; Caffe refuses it beside PROD", coefficients[0].place)
    listed = coefficients[0].but(values) if summed and any(each != 1 for each in values) else None
    return Part("Eltwise", given(operation=operation, coeff=listed))


@translates("Axpy")
def axpy(layer: CaffeLayer) -> Translated:
    """SENet's: the second bottom times the first, which is one number a channel, plus the third."""
    if len(layer.bottoms) != 3:
        layer.refuse("Axpy reads three blobs: a scale for each channel, x and y")
    axis = layer.implied(0)
    return [
        Part("Scale", {"axis": axis}, suffix="_scaled", bottoms=(1, 0), tops=(), param=()),
        Part("Eltwise", bottoms=("_scaled", 2)),
    ]


@translates("Flatten")
def flatten(layer: CaffeLayer) -> Translated:
    return Part("Flatten", take(layer.message("flatten_param"), "axis", "end_axis"))


@translates("Reshape")
def reshape(layer: CaffeLayer) -> Translated:
    message = layer.message("reshape_param")
    dims = message.message("shape").every("dim")
    place = dims[0] if dims else layer.type
    shape = place.but([each.value for each in dims])
    return Part("Reshape", {"shape": shape} | take(message, "axis", "num_axes"))


@translates("Permute")
def permute(layer: CaffeLayer) -> Translated:
    order = layer.message("permute_param").every("order")
    if not order:
        return Alias()
    return Part("Permute", {"order": order[0].but([each.value for each in order])})


@translates("Crop")
def crop(layer: CaffeLayer) -> Translated:
    message = layer.message("crop_param")
    offsets = message.every("offset")
    listed = offsets[0].but([each.value for each in offsets]) if offsets else None
    return Part("Crop", take(message, "axis") | given(offset=listed))


@translates("Tile")
def tile(layer: CaffeLayer) -> Translated:
    return Part("Tile", take(layer.message("tile_param"), "axis", "tiles"))


@translates("Reduction")
def reduction(layer: CaffeLayer) -> Translated:
    message = layer.message("reduction_param")
    operation = message.told("operation")
    fields = given(operation=operation, coeff=message.told("coeff"))
    return Part("Reduction", fields | take(message, "axis"))


@translates("ArgMax")
def arg_max(layer: CaffeLayer) -> Translated:
    message = layer.message("argmax_param")
    fields = take(message, "out_max_val") | take(message, "top_k", "axis")
    values = message.told("out_max_val")
    if values is None or not values.value or "axis" not in fields:
        fields["select_last_index"] = layer.implied(True)
    return Part("ArgMax", fields)


@translates("BatchReindex")
def batch_reindex(layer: CaffeLayer) -> Translated:
    return Part("Gather")


@translates("ShuffleChannel")
def shuffle_channel(layer: CaffeLayer) -> Translated:
    return Part("ChannelShuffle", take(layer.message("shuffle_channel_param"), "group"))
