"""What can be asked for when a network is written for PyTorch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How the module is to compute.

    With `channels_last` the weights of convolutions lie in that order, which activations then
    follow. `inference` is a form for use alone: in that order as well, each BatchNorm folded into
    the convolution before it, without Dropout. With `tuple_outputs` several results come as a
    tuple in their order, not as a dict by name. Without `inplace` no layer writes over what
    another gave, so that hooks see every value as it was.
    """

    channels_last: bool = False
    inference: bool = False
    tuple_outputs: bool = False
    inplace: bool = True
