"""Dropout and DropPath."""

import numpy as np

from netspec.layers.regularization import Dropout, DropPath
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.schemas import takes
from netspec.lower.values import element_type


@lowers(Dropout)
def dropout(layer: Dropout, to: Emitter) -> None:
    """Kept, so that every layer of the spec has its node: outside of training it does nothing,
    and ONNX Runtime drops it when it loads the file.
    """
    dtype = to.node.tops[0].type.dtype
    kind = element_type(dtype if takes("Dropout", to.opset, dtype, dtype) else "float32")
    ratio = to.constant("ratio", np.asarray(layer.dropout_ratio, kind))
    to.top("Dropout", [*to.bottoms, ratio])


@lowers(DropPath)
def drop_path(layer: DropPath, to: Emitter) -> None:
    """What is left of it outside of training; ONNX's Dropout knows no whole samples."""
    to.top("Identity", to.bottoms)
