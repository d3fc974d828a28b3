"""Fractional maximum pooling, of which PyTorch has the training alone."""

from netspec.graph import Node
from netspec.layers.fields import spread
from netspec.layers.fractional import FractionalMaxPooling
from netspec.lower.torch.code import Literal, call
from netspec.lower.torch.registry import Lowered, lowers

HELPER = "FractionalMaxPool2d"


@lowers(FractionalMaxPooling)
def fractional_max_pooling(layer: FractionalMaxPooling, node: Node) -> Lowered:
    height, width = node.tops[0].shape[2:]
    # The shape rule has seen to it.
    assert isinstance(height, int)
    assert isinstance(width, int)
    module = call(
        HELPER,
        Literal(spread(layer.kernel_size, 2), "kernel_size"),
        output_size=Literal((height, width), "output_size"),
    )
    return Lowered(module, helper=HELPER)
