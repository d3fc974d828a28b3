"""All of them: importing this registers what each layer becomes."""

from netspec.lower.prototxt.layers import (
    activation,
    losses,
    normalization,
    pooling,
    refused,
    shape,
    weights,
)
from netspec.lower.prototxt.registry import pieces_of

__all__ = [
    "activation",
    "losses",
    "normalization",
    "pieces_of",
    "pooling",
    "refused",
    "shape",
    "weights",
]
