"""Pooling of all kinds, and its way back."""

from collections.abc import Sequence
from functools import partial

from netspec.graph.types import Shape
from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.layers.values import (
    engine,
    given,
    take,
    volume,
    window,
)
from netspec.importers.caffe.parts import CaffeLayer, Deferred, Part, Translated, Values

_SETTINGS = "pooling_param"
LEAST = -3.4028234663852886e38
"""The least number of 32 bits, which Caffe gives for the greatest of none."""


@translates("Pooling")
def pooling(layer: CaffeLayer) -> Translated:
    message = layer.message(_SETTINGS)
    engine(layer, message)
    fields = given(pool=message.told("pool"))
    whole = message.told("global_pooling")
    windows = given(
        kernel_size=window(message, "kernel_size", "kernel"),
        stride=window(message, "stride", "stride"),
        pad=window(message, "pad", "pad"),
    )
    mode, ceil = message.told("round_mode"), message.told("ceil_mode")
    if whole is not None and whole.value:
        fields["global_pooling"] = whole
        return Part("Pooling", fields)
    fields |= windows
    stride = windows["stride"].value if "stride" in windows else 1
    up = mode.value != "FLOOR" if mode is not None else ceil is None or ceil.value
    if up and stride != 1:
        # Windows a step apart have nothing left over that could be rounded.
        fields["round_mode"] = (mode or ceil or layer.type).but("CEIL")
        padded = "pad" in windows and any(_both(windows["pad"].value))
        if not padded and "kernel_size" in windows:
            kernels, strides = _both(windows["kernel_size"].value), _both(windows["stride"].value)
            if any(kernel < step for kernel, step in zip(kernels, strides, strict=True)):
                return Deferred("Pooling", partial(_apart, layer, fields, kernels, strides))
    return Part("Pooling", fields)


def _both(value: int | list[int]) -> list[int]:
    """A setting along rows and columns."""
    return value if isinstance(value, list) else [value, value]


def _apart(
    layer: CaffeLayer,
    fields: Values,
    kernels: Sequence[int],
    strides: Sequence[int],
    bottoms: Sequence[Shape],
) -> list[Part]:
    """Windows with gaps between them: Caffe's last may lie wholly beyond the image. There the
    greatest element of none is the least of all numbers, which a margin gives.
    """
    whole = [Part("Pooling", fields)]
    margins: list[int] = []
    for size, kernel, stride in zip(bottoms[0][2:], kernels, strides, strict=False):
        if not isinstance(size, int):
            return whole
        start = -(-(size - kernel) // stride) * stride
        margins.append(start + kernel - size)
    if not any(margin >= kernel for margin, kernel in zip(margins, kernels, strict=False)):
        return whole
    if fields.get("pool", layer.type).value not in ("MAX", layer.type.value):
        layer.refuse(
            "Caffe's last windows lie wholly beyond the image, and it divides 0 by 0 there",
            help="`round_mode: FLOOR` leaves them out",
        )
    if len(layer.tops) > 1:
        layer.refuse("Caffe's last windows lie wholly beyond the image: they have no place in it")
    margin = [[0, each] for each in margins]
    values = {"pad": layer.implied(margin), "value": layer.implied(LEAST)}
    del fields["round_mode"]
    return [Part("Pad", values, "_margin", (0,), ()), Part("Pooling", fields, "", ("_margin",))]


@translates("POOLING3D", "Pooling3D")
def pooling_3d(layer: CaffeLayer) -> Translated:
    """C3D's, which rounds up as Caffe's does."""
    message = layer.message("pooling3d_param" if "pooling3d_param" in layer.fields else _SETTINGS)
    engine(layer, message)
    fields = given(pool=message.told("pool")) | volume(message)
    fields["round_mode"] = layer.implied("CEIL")
    return Part("Pooling", fields)


@translates("SPP")
def spp(layer: CaffeLayer) -> Translated:
    message = layer.message("spp_param")
    engine(layer, message)
    pool = given(pool=message.told("pool"))
    return Part("SPP", take(message, "pyramid_height") | pool)


@translates("ROIPooling")
def roi_pooling(layer: CaffeLayer) -> Translated:
    message = layer.message("roi_pooling_param")
    fields = take(message, "pooled_h", "pooled_w") | take(message, "spatial_scale")
    return Part("ROIPooling", fields)


@translates("PSROIPooling")
def psroi_pooling(layer: CaffeLayer) -> Translated:
    message = layer.message("psroi_pooling_param")
    fields = take(message, "output_dim", "group_size") | take(message, "spatial_scale")
    return Part("PSROIPooling", fields)


@translates("Upsample")
def upsample(layer: CaffeLayer) -> Translated:
    """SegNet's puts elements back where a mask says; with one bottom it is YOLO's and copies."""
    message = layer.message("upsample_param")
    if len(layer.bottoms) == 2:
        # The mask knows the size that it came from.
        message.ignore("scale", "scale_h", "scale_w", "upsample_h", "upsample_w")
        message.ignore("pad_out_h", "pad_out_w")
        return Part("Unpooling")
    return Part("Upsample", take(message, "scale"))
