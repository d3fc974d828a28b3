"""Tensors, learned and given."""

import numpy as np

from netspec.layers.constant import Constant
from netspec.layers.parameter import Parameter
from netspec.lower.onnx.emitter import Emitter, bounded
from netspec.lower.onnx.layers.registry import lowers


@lowers(Parameter)
def parameter(layer: Parameter, to: Emitter) -> None:
    _held(to)


@lowers(Constant)
def constant(layer: Constant, to: Emitter) -> None:
    sizes = bounded(*layer.sizes)
    if layer.persistent:
        _held(to)
        return
    type = to.node.tops[0].type
    values = np.array(layer.numbers, "int64" if type.dtype == "int64" else "float64")
    whole = np.broadcast_to(values, sizes) if values.size == 1 else values
    elements = whole.reshape(sizes)
    held = to.constant if type.dtype == "int64" else to.float_constant
    to.top("Identity", [held("value", elements)])


def _held(to: Emitter) -> None:
    """The initializer itself, under its own name; another name for it where the top bears one."""
    name = to.weight("")
    if name != to.node.tops[0].name:
        to.top("Identity", [name])
