"""All layers, by the type that a spec gives."""

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

CATALOGUE: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Convolution,
        Deconvolution,
        InnerProduct,
        Parameter,
        Pooling,
        Unpooling,
        SPP,
        ROIPooling,
        ROIAlign,
        LRN,
        LCN,
        BatchNorm,
        Scale,
        Bias,
        MVN,
        GroupNorm,
        LayerNorm,
        InstanceNorm,
        Normalize,
        ReLU,
        ReLU6,
        PReLU,
        ELU,
        SELU,
        Sigmoid,
        TanH,
        HardSigmoid,
        HardSwish,
        Swish,
        Mish,
        GELU,
        Softplus,
        BNLL,
        AbsVal,
        Power,
        Exp,
        Log,
        Threshold,
        Clip,
        Softmax,
        LogSoftmax,
        Dropout,
        DropPath,
        Eltwise,
        Reduction,
        ArgMax,
        Concat,
        Slice,
        Flatten,
        Reshape,
        Permute,
        Crop,
        Pad,
        Tile,
        Upsample,
        PixelShuffle,
        ChannelShuffle,
        SoftmaxWithLoss,
        SigmoidCrossEntropyLoss,
        HingeLoss,
        EuclideanLoss,
        SmoothL1Loss,
        ContrastiveLoss,
        Accuracy,
    )
}
"""In the order in which the documentation lists them."""
