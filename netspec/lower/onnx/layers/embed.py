"""A table of learned vectors."""

from netspec.layers.embed import Embed
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers


@lowers(Embed)
def embed(layer: Embed, to: Emitter) -> None:
    """The rows of the table that are asked for."""
    rows = [to.weight("weight"), *to.bottoms]
    if not layer.bias_term:
        to.top("Gather", rows, axis=0)
        return
    vectors = to.step("vectors", "Gather", rows, to.node.tops[0].type, axis=0)
    to.top("Add", [vectors, to.weight("bias")])
