"""Importing this module registers the lowering of every layer."""

from netspec.lower.onnx.layers import (  # noqa: F401 (each registers its own)
    accuracy,
    activation,
    affine,
    arithmetic,
    convolution,
    crop,
    deconvolution,
    embed,
    functions,
    group_norm,
    inner_product,
    losses,
    lrn,
    normalization,
    parameter,
    pooling,
    recurrent,
    reduction,
    regularization,
    reshape,
    resize,
    roi,
    shape,
    sigmoids,
    slice,
    softmax,
    spp,
    unpooling,
)
from netspec.lower.onnx.layers.registry import LOWERINGS, REFUSED, lower

__all__ = ["LOWERINGS", "REFUSED", "lower"]
