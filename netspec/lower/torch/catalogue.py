"""Importing this module registers the lowering of every layer."""

from netspec.lower.torch import (
    activation,
    arithmetic,
    convolution,
    inner_product,
    losses,
    normalization,
    pooling,
    regularization,
    shape,
)
from netspec.lower.torch.registry import lower_all, lowered_layers

__all__ = [
    "activation",
    "arithmetic",
    "convolution",
    "inner_product",
    "losses",
    "lower_all",
    "lowered_layers",
    "normalization",
    "pooling",
    "regularization",
    "shape",
]
