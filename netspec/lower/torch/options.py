"""What can be asked for when a network is written for PyTorch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How the module is to compute.

    With `channels_last` the weights of convolutions lie in that order, which activations then
    follow. `inference` is a form for use alone: in that order as well, each BatchNorm folded into
    the convolution before it, without Dropout.
    """

    channels_last: bool = False
    inference: bool = False
