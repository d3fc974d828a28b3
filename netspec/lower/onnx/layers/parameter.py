"""A learned tensor."""

from netspec.layers.parameter import Parameter
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers


@lowers(Parameter)
def parameter(layer: Parameter, to: Emitter) -> None:
    """The initializer itself, under its own name; another name for it where the top bears one."""
    name = to.weight("")
    if name != to.node.tops[0].name:
        to.top("Identity", [name])
