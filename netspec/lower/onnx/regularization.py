"""Dropout and DropPath."""

from netspec.layers.regularization import Dropout, DropPath
from netspec.lower.onnx.emitter import Emitter


def dropout(layer: Dropout, to: Emitter) -> None:
    """Kept, so that every layer of the spec has its node: outside of training it does nothing,
    and ONNX Runtime drops it when it loads the file.
    """
    to.top("Dropout", [*to.bottoms, to.float_constant("ratio", layer.dropout_ratio)])


def drop_path(layer: DropPath, to: Emitter) -> None:
    """What is left of it outside of training; ONNX's Dropout knows no whole samples."""
    to.top("Identity", to.bottoms)
