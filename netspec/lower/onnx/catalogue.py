"""Which function lowers which layer."""

from collections.abc import Callable
from typing import Any

from netspec.layers.accuracy import Accuracy
from netspec.layers.activation import ELU, SELU, PReLU, ReLU, ReLU6
from netspec.layers.affine import Bias, Scale
from netspec.layers.arithmetic import Eltwise
from netspec.layers.base import Layer
from netspec.layers.convolution import Convolution
from netspec.layers.crop import Crop
from netspec.layers.deconvolution import Deconvolution
from netspec.layers.distance_losses import ContrastiveLoss, EuclideanLoss, SmoothL1Loss
from netspec.layers.functions import AbsVal, Clip, Exp, Log, Power, Threshold
from netspec.layers.group_norm import GroupNorm, InstanceNorm, LayerNorm
from netspec.layers.inner_product import InnerProduct
from netspec.layers.losses import HingeLoss, SigmoidCrossEntropyLoss, SoftmaxWithLoss
from netspec.layers.lrn import LCN, LRN
from netspec.layers.normalization import MVN, BatchNorm, Normalize
from netspec.layers.parameter import Parameter
from netspec.layers.pooling import Pooling
from netspec.layers.reduction import ArgMax, Reduction
from netspec.layers.regularization import Dropout, DropPath
from netspec.layers.reshape import Reshape
from netspec.layers.resize import ChannelShuffle, PixelShuffle, Upsample
from netspec.layers.roi import ROIAlign, ROIPooling
from netspec.layers.shape import Concat, Flatten, Pad, Permute, Tile
from netspec.layers.sigmoids import (
    BNLL,
    GELU,
    HardSigmoid,
    HardSwish,
    Mish,
    Sigmoid,
    Softplus,
    Swish,
    TanH,
)
from netspec.layers.slice import Slice
from netspec.layers.softmax import LogSoftmax, Softmax
from netspec.layers.spp import SPP
from netspec.layers.unpooling import Unpooling
from netspec.lower.onnx.accuracy import accuracy
from netspec.lower.onnx.activation import elu, prelu, relu, relu6, selu
from netspec.lower.onnx.affine import bias, scale
from netspec.lower.onnx.arithmetic import eltwise
from netspec.lower.onnx.convolution import convolution
from netspec.lower.onnx.crop import crop
from netspec.lower.onnx.deconvolution import deconvolution
from netspec.lower.onnx.emitter import Emitter, NotLowerable
from netspec.lower.onnx.functions import absolute, clip, exponential, logarithm, power, threshold
from netspec.lower.onnx.group_norm import group_norm, instance_norm, layer_norm
from netspec.lower.onnx.inner_product import inner_product
from netspec.lower.onnx.lrn import lcn, lrn
from netspec.lower.onnx.normalization import batch_norm, mvn, normalize
from netspec.lower.onnx.parameter import parameter
from netspec.lower.onnx.pooling import pooling
from netspec.lower.onnx.reduction import argmax, reduction
from netspec.lower.onnx.regularization import drop_path, dropout
from netspec.lower.onnx.reshape import reshape
from netspec.lower.onnx.resize import channel_shuffle, pixel_shuffle, upsample
from netspec.lower.onnx.roi import roi_align, roi_pooling
from netspec.lower.onnx.shape import concat, flatten, pad, permute, tile
from netspec.lower.onnx.sigmoids import (
    gelu,
    hard_sigmoid,
    hard_swish,
    mish,
    sigmoid,
    softplus,
    swish,
    tanh,
)
from netspec.lower.onnx.slice import cut
from netspec.lower.onnx.softmax import log_softmax, softmax
from netspec.lower.onnx.spp import spp
from netspec.lower.onnx.unpooling import unpooling
from netspec.plugins import PluginError, failure, find_lowering

LOWERINGS: dict[type[Layer], Callable[[Any, Emitter], None]] = {
    Convolution: convolution,
    Deconvolution: deconvolution,
    InnerProduct: inner_product,
    Parameter: parameter,
    Pooling: pooling,
    Unpooling: unpooling,
    SPP: spp,
    ROIPooling: roi_pooling,
    ROIAlign: roi_align,
    LRN: lrn,
    LCN: lcn,
    BatchNorm: batch_norm,
    Scale: scale,
    Bias: bias,
    MVN: mvn,
    GroupNorm: group_norm,
    LayerNorm: layer_norm,
    InstanceNorm: instance_norm,
    Normalize: normalize,
    ReLU: relu,
    ReLU6: relu6,
    PReLU: prelu,
    ELU: elu,
    SELU: selu,
    Sigmoid: sigmoid,
    TanH: tanh,
    HardSigmoid: hard_sigmoid,
    HardSwish: hard_swish,
    Swish: swish,
    Mish: mish,
    GELU: gelu,
    Softplus: softplus,
    BNLL: softplus,
    AbsVal: absolute,
    Power: power,
    Exp: exponential,
    Log: logarithm,
    Threshold: threshold,
    Clip: clip,
    Softmax: softmax,
    LogSoftmax: log_softmax,
    Dropout: dropout,
    DropPath: drop_path,
    Eltwise: eltwise,
    Reduction: reduction,
    ArgMax: argmax,
    Concat: concat,
    Slice: cut,
    Flatten: flatten,
    Reshape: reshape,
    Permute: permute,
    Crop: crop,
    Pad: pad,
    Tile: tile,
    Upsample: upsample,
    PixelShuffle: pixel_shuffle,
    ChannelShuffle: channel_shuffle,
    Accuracy: accuracy,
}
"""A function writes the nodes of its layer, which is its first argument; it raises NotLowerable
where this use of the layer can't be expressed.
"""

LOSS = "an ONNX file is for inference and holds no loss: give {path} `phase: TRAIN`"

REFUSED: dict[type[Layer], str] = {
    SoftmaxWithLoss: LOSS,
    SigmoidCrossEntropyLoss: LOSS,
    HingeLoss: LOSS,
    EuclideanLoss: LOSS,
    SmoothL1Loss: LOSS,
    ContrastiveLoss: LOSS,
}
"""Why the other layers of the catalogue have none."""


def lower(to: Emitter) -> None:
    """Write the nodes of the emitter's layer; NotLowerable where that can't be."""
    layer = to.node.layer
    kind: Any = type(layer)
    if kind not in LOWERINGS:
        if _lower_custom(to):
            return
        reason = REFUSED.get(kind, "netspec has no way to express {type} in ONNX")
        raise NotLowerable(reason.format(path=to.node.path, type=layer.type_name))
    LOWERINGS[kind](layer, to)


GROUP = "netspec.lower.onnx"
"""The entry points of custom layers' lowerings."""


def _lower_custom(to: Emitter) -> bool:
    """Write a custom layer's nodes as the package that it comes from says; False if it doesn't."""
    layer = to.node.layer
    try:
        lowering = find_lowering(GROUP, layer)
    except PluginError as error:
        raise NotLowerable(str(error)) from error
    if lowering is None:
        return False
    try:
        lowering(layer, to)
    except NotLowerable:
        raise
    except Exception as error:
        raise NotLowerable(str(failure(layer, error))) from error
    return True
