"""The locally connected layer, which PyTorch lacks."""

from netspec.graph import Node
from netspec.graph.fillers import ZEROS
from netspec.layers.locally_connected import SMALL, LocallyConnected
from netspec.lower.torch.code import Literal, call, scalar
from netspec.lower.torch.registry import Lowered, lowers

HELPER = "LocallyConnected2d"


@lowers(LocallyConnected)
def locally_connected(layer: LocallyConnected, node: Node) -> Lowered:
    channels, height, width = node.bottoms[0].shape[1], *node.tops[0].shape[2:]
    # The shape rule has seen to it.
    assert isinstance(channels, int)
    assert isinstance(height, int)
    assert isinstance(width, int)
    module = call(
        HELPER,
        Literal(channels, "in_channels"),
        Literal(layer.num_output, "out_channels"),
        Literal((height, width), "output_size"),
        Literal(scalar(layer.kernel_size), "kernel_size"),
        stride=Literal(scalar(layer.stride), "stride", 1),
        padding=Literal(scalar(layer.pad), "padding", 0),
        bias=Literal(layer.bias_term, "bias", True),
    )
    filled = {"weight": SMALL, "bias": ZEROS}
    return Lowered(module, filled=filled, helper=HELPER, optional_bias=True)
