"""Layers with weights that slide over an image."""

from netspec.graph import Node
from netspec.layers.convolution import Convolution
from netspec.lower.torch.code import Literal, call, scalar
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Convolution)
def convolution(layer: Convolution, node: Node) -> Lowered:
    channels = node.bottoms[0].shape[1]
    assert isinstance(channels, int)
    module = call(
        "nn.Conv2d",
        Literal(channels, "in_channels"),
        Literal(layer.num_output, "out_channels"),
        Literal(scalar(layer.kernel_size), "kernel_size"),
        stride=Literal(scalar(layer.stride), "stride", 1),
        padding=Literal(scalar(layer.pad), "padding", 0),
        dilation=Literal(scalar(layer.dilation), "dilation", 1),
        groups=Literal(layer.group, "groups", 1),
        bias=Literal(layer.bias_term, "bias", True),
    )
    return Lowered(module, overwritable=True, optional_bias=True)
