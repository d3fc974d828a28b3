"""DeepLab's Interp: bilinear interpolation with the corners in place."""

from collections.abc import Sequence
from functools import partial

from netspec.graph.types import Shape
from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.layers.values import given, take
from netspec.importers.caffe.parts import CaffeLayer, Deferred, Part, Translated, Values

_IMAGE = 4
_FACTORS = ("zoom_factor", "shrink_factor")


@translates("Interp")
def interp(layer: CaffeLayer) -> Translated:
    """To a size that is given, or is a second bottom's, or follows from the bottom's by factors."""
    message = layer.message("interp_param")
    fields: Values = {"mode": layer.implied("BILINEAR"), "align_corners": layer.implied(True)}
    margins = take(message, "pad_beg", "pad_end")
    for told in margins.values():
        if told.value:
            layer.refuse("a spec's Upsample doesn't cut its bottom", told.place)
    like, height, width = (message.told(name) for name in ("use_blob_size", "height", "width"))
    factors = given(**{name: message.told(name) for name in _FACTORS})
    if len(layer.bottoms) == 2:
        return Part("Upsample", fields)
    if like is not None and like.value:
        layer.refuse("`use_blob_size` needs a second bottom", like.place)
    for told in factors.values():
        if told.value < 1:
            layer.refuse("a factor is 1 or more", told.place)
    if factors:
        return Deferred("Upsample", partial(_by_factors, layer, fields, factors))
    if height is None or width is None:
        layer.refuse("an Interp needs a factor, `height` and `width`, or a second bottom")
    return Part("Upsample", fields | {"size": height.but([height.value, width.value])})


def _by_factors(
    layer: CaffeLayer, fields: Values, factors: Values, bottoms: Sequence[Shape]
) -> Sequence[Part]:
    """The size that factors make of the bottom's: steps between rows become fewer, then more."""
    bottom = bottoms[0]
    place = next(iter(factors.values()))
    if bottom.rank != _IMAGE:
        layer.refuse(f"an Interp reads an image N×C×H×W, but this one reads {bottom}")
    zoom, shrink = (factors[name].value if name in factors else 1 for name in _FACTORS)
    sizes = []
    for size in bottom[2:]:
        if not isinstance(size, int):
            layer.refuse(
                f"the size that the factors make of {bottom} is no number",
                place.place,
                help="say how large the input is, as in `--input data=Nx3x224x224`",
            )
        sizes.append((size - 1) // shrink * zoom + 1)
    return [Part("Upsample", fields | {"size": place.but(sizes)})]
