"""Gather."""

import numpy as np

from netspec.layers.gather import Gather
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers


@lowers(Gather)
def gather(layer: Gather, to: Emitter) -> None:
    axis = layer.axis % to.node.bottoms[0].shape.rank
    # One number is a constant without axes: then the result lacks the axis.
    numbers = [] if layer.indices is None else [to.constant("indices", np.array(layer.indices))]
    to.top("Gather", [*to.bottoms, *numbers], axis=axis)
