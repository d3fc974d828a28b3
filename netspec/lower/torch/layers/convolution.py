"""Layers with weights that slide along one, two or three axes."""

from netspec.graph import Node
from netspec.layers.convolution import Convolution
from netspec.lower.torch.code import Literal, call, scalar
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Convolution)
def convolution(layer: Convolution, node: Node) -> Lowered:
    shape = node.bottoms[0].shape
    channels = shape[1]
    assert isinstance(channels, int)
    module = call(
        f"nn.Conv{shape.rank - 2}d",
        Literal(channels, "in_channels"),
        Literal(layer.num_output, "out_channels"),
        Literal(scalar(layer.kernel_size), "kernel_size"),
        stride=Literal(scalar(layer.stride), "stride", 1),
        padding=Literal(scalar(layer.pad), "padding", 0),
        dilation=Literal(scalar(layer.dilation), "dilation", 1),
        groups=Literal(layer.group, "groups", 1),
        bias=Literal(layer.bias_term, "bias", True),
    )
    return Lowered(module, optional_bias=True)
