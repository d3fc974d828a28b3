"""Importing this module registers the lowering of every layer."""

from netspec.lower.onnx.layers import (  # noqa: F401 (each registers its own)
    accuracy,
    activation,
    affine,
    arithmetic,
    attention,
    convolution,
    crop,
    deconvolution,
    embed,
    expand,
    functions,
    group_norm,
    inner_product,
    losses,
    lrn,
    matmul,
    normalization,
    parameter,
    pooling,
    reduction,
    regularization,
    reshape,
    resize,
    roi,
    roll,
    shape,
    sigmoids,
    slice,
    softmax,
    spp,
    unpooling,
)
from netspec.lower.onnx.layers.registry import LOWERINGS, REFUSED, lower

__all__ = ["LOWERINGS", "REFUSED", "lower"]
