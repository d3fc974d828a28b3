"""All layers, by the type that a spec gives.

A family is imported when one of its types is first asked for: a summary of a small network needs
few of them, and there are many.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from netspec.layers.base import Layer

MODULES = {
    "Convolution": "convolution",
    "Deconvolution": "deconvolution",
    "LocallyConnected": "locally_connected",
    "InnerProduct": "inner_product",
    "DropConnect": "inner_product",
    "Embed": "embed",
    "Parameter": "parameter",
    "LSTM": "recurrent",
    "GRU": "recurrent",
    "RNN": "recurrent",
    "Constant": "constant",
    "Pooling": "pooling",
    "FractionalMaxPooling": "fractional",
    "Unpooling": "unpooling",
    "SPP": "spp",
    "ROIPooling": "roi",
    "ROIAlign": "roi",
    "PSROIPooling": "roi",
    "LRN": "lrn",
    "LCN": "lrn",
    "BatchNorm": "normalization",
    "Scale": "affine",
    "Bias": "affine",
    "MVN": "normalization",
    "GroupNorm": "group_norm",
    "LayerNorm": "group_norm",
    "RMSNorm": "rms_norm",
    "InstanceNorm": "group_norm",
    "Normalize": "normalization",
    "UnitNorm": "unit_norm",
    "ReLU": "activation",
    "ReLU6": "activation",
    "PReLU": "activation",
    "ELU": "activation",
    "SELU": "activation",
    "Sigmoid": "sigmoids",
    "TanH": "sigmoids",
    "HardSigmoid": "sigmoids",
    "HardSwish": "sigmoids",
    "Swish": "sigmoids",
    "Mish": "sigmoids",
    "GELU": "sigmoids",
    "Softplus": "sigmoids",
    "BNLL": "sigmoids",
    "AbsVal": "functions",
    "Power": "functions",
    "Exp": "functions",
    "Log": "functions",
    "Threshold": "functions",
    "Clip": "functions",
    "Softmax": "softmax",
    "LogSoftmax": "softmax",
    "Dropout": "regularization",
    "DropPath": "regularization",
    "Attention": "attention",
    "MultiHeadAttention": "attention",
    "RotaryEmbedding": "rotary",
    "Eltwise": "arithmetic",
    "MatMul": "matmul",
    "Reduction": "reduction",
    "ArgMax": "reduction",
    "Identity": "shape",
    "Concat": "shape",
    "Slice": "slice",
    "Flatten": "shape",
    "Reshape": "reshape",
    "Permute": "shape",
    "Crop": "crop",
    "Pad": "shape",
    "Tile": "shape",
    "Expand": "expand",
    "Roll": "roll",
    "Gather": "gather",
    "Upsample": "resize",
    "PixelShuffle": "resize",
    "SpaceToDepth": "space_to_depth",
    "ChannelShuffle": "resize",
    "PriorBox": "detection",
    "DetectionOutput": "detection",
    "Proposal": "proposal",
    "SoftmaxWithLoss": "losses",
    "SigmoidCrossEntropyLoss": "losses",
    "HingeLoss": "losses",
    "EuclideanLoss": "distance_losses",
    "SmoothL1Loss": "distance_losses",
    "ContrastiveLoss": "distance_losses",
    "TripletLoss": "distance_losses",
    "MultiBoxLoss": "multi_box_loss",
    "Accuracy": "accuracy",
}
"""Each type's module, in the order in which the documentation lists them."""


class Catalogue(Mapping[str, type[Layer]]):
    """The built-in layers; their classes are found when asked for."""

    def __init__(self) -> None:
        self._known: dict[str, type[Layer]] = {}

    def __getitem__(self, name: str) -> type[Layer]:
        layer = self._known.get(name)
        if layer is None:
            module: Any = import_module(f"netspec.layers.{MODULES[name]}")
            layer = self._known[name] = getattr(module, name)
        return layer

    def __contains__(self, name: object) -> bool:
        return name in MODULES

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


CATALOGUE = Catalogue()
