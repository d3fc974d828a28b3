"""Pooling of all kinds, and its way back."""

from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.layers.values import (
    engine,
    given,
    take,
    volume,
    window,
)
from netspec.importers.caffe.parts import CaffeLayer, Part, Translated

_SETTINGS = "pooling_param"


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
    return Part("Pooling", fields)


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
