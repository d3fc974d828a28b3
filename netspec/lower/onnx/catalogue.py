"""Which function lowers which layer."""

from collections.abc import Callable
from typing import Any

from netspec.layers.activation import ReLU, Softmax
from netspec.layers.arithmetic import Eltwise
from netspec.layers.base import Layer
from netspec.layers.convolution import Convolution
from netspec.layers.inner_product import InnerProduct
from netspec.layers.losses import SoftmaxWithLoss
from netspec.layers.normalization import LRN, BatchNorm
from netspec.layers.pooling import Pooling
from netspec.layers.regularization import Dropout
from netspec.layers.shape import Concat, Flatten, Pad
from netspec.lower.onnx.activation import relu, softmax
from netspec.lower.onnx.arithmetic import eltwise
from netspec.lower.onnx.convolution import convolution
from netspec.lower.onnx.emitter import Emitter, NotLowerable
from netspec.lower.onnx.inner_product import inner_product
from netspec.lower.onnx.normalization import batch_norm, lrn
from netspec.lower.onnx.pooling import pooling
from netspec.lower.onnx.regularization import dropout
from netspec.lower.onnx.shape import concat, flatten, pad

LOWERINGS: dict[type[Layer], Callable[[Any, Emitter], None]] = {
    Convolution: convolution,
    InnerProduct: inner_product,
    Pooling: pooling,
    LRN: lrn,
    BatchNorm: batch_norm,
    ReLU: relu,
    Softmax: softmax,
    Dropout: dropout,
    Eltwise: eltwise,
    Concat: concat,
    Flatten: flatten,
    Pad: pad,
}
"""A function writes the nodes of its layer, which is its first argument; it raises NotLowerable
where this use of the layer can't be expressed.
"""

REFUSED: dict[type[Layer], str] = {
    SoftmaxWithLoss: "an ONNX file is for inference and holds no loss: give {path} `phase: TRAIN`",
}
"""Why the other layers of the catalogue have none."""


def lower(to: Emitter) -> None:
    """Write the nodes of the emitter's layer; NotLowerable where that can't be."""
    layer = to.node.layer
    kind: Any = type(layer)
    if kind not in LOWERINGS:
        reason = REFUSED.get(kind, "netspec has no way to express {type} in ONNX")
        raise NotLowerable(reason.format(path=to.node.path, type=layer.type_name))
    LOWERINGS[kind](layer, to)
