"""What each type of Caffe's layers becomes, a module for each family."""

from netspec.importers.caffe.layers import (
    activation,
    detection,
    interp,
    losses,
    normalization,
    pooling,
    recurrent,
    refused,
    reordered,
    shape,
    weights,
)
from netspec.importers.caffe.layers.registry import TABLE as TABLE
from netspec.importers.caffe.layers.registry import translates as translates

__all__ = [
    "TABLE",
    "activation",
    "detection",
    "interp",
    "losses",
    "normalization",
    "pooling",
    "recurrent",
    "refused",
    "reordered",
    "shape",
    "translates",
    "weights",
]
