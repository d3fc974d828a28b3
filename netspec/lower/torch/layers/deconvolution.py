"""The transposed convolution."""

from netspec.graph import Node
from netspec.layers.deconvolution import Deconvolution
from netspec.lower.torch.code import Literal, call, scalar
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Deconvolution)
def deconvolution(layer: Deconvolution, node: Node) -> Lowered:
    module = call(
        f"nn.ConvTranspose{node.bottoms[0].shape.rank - 2}d",
        Literal(layer.channels([node.bottoms[0].type]), "in_channels"),
        Literal(layer.num_output, "out_channels"),
        Literal(scalar(layer.kernel_size), "kernel_size"),
        stride=Literal(scalar(layer.stride), "stride", 1),
        padding=Literal(scalar(layer.pad), "padding", 0),
        output_padding=Literal(scalar(layer.output_pad), "output_padding", 0),
        dilation=Literal(scalar(layer.dilation), "dilation", 1),
        groups=Literal(layer.group, "groups", 1),
        bias=Literal(layer.bias_term, "bias", True),
    )
    return Lowered(module, optional_bias=True)
