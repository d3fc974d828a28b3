"""All layers, by the type that a spec gives."""

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

CATALOGUE: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Convolution,
        InnerProduct,
        Pooling,
        LRN,
        BatchNorm,
        ReLU,
        Softmax,
        Dropout,
        Eltwise,
        Concat,
        Flatten,
        Pad,
        SoftmaxWithLoss,
    )
}
"""In the order in which the documentation lists them."""
