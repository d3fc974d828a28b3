"""Layers that Caffe has nothing for."""

from netspec.layers import CATALOGUE
from netspec.lower.prototxt.registry import refuses

_OF_FORKS = """
    Permute Normalize Upsample Unpooling ChannelShuffle ROIPooling PSROIPooling PriorBox
    DetectionOutput MultiBoxLoss SmoothL1Loss Proposal
"""
_OF_NONE = """
    LocallyConnected DropConnect FractionalMaxPooling ROIAlign LCN GroupNorm LayerNorm RMSNorm
    InstanceNorm UnitNorm SELU HardSigmoid HardSwish Mish GELU LogSoftmax DropPath Attention
    MultiHeadAttention RotaryEmbedding MatMul Pad Expand Roll Gather PixelShuffle SpaceToDepth
    TripletLoss GRU
"""


def _of(names: str) -> list[type]:
    return [CATALOGUE[name] for name in names.split()]


refuses(*_of(_OF_FORKS), reason="only forks of Caffe have a layer that does what {type} does")
refuses(*_of(_OF_NONE), reason="Caffe has no layer that does what {type} does")
refuses(
    *_of("LSTM RNN"),
    reason="Caffe's {type} reads sequences T×N×C, with marks of where they begin, and Caffe has "
    "nothing that swaps axes",
)
refuses(*_of("Constant"), reason="Caffe has no layer of given values: make them an input")
