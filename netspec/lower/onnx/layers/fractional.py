"""Fractional maximum pooling: the windows are gathered side by side, then pooled."""

import numpy as np

from netspec.layers.fields import spread
from netspec.layers.fractional import FractionalMaxPooling
from netspec.lower.onnx.emitter import Emitter, bounded
from netspec.lower.onnx.layers.registry import lowers


@lowers(FractionalMaxPooling)
def fractional_max_pooling(layer: FractionalMaxPooling, to: Emitter) -> None:
    kernel = spread(layer.kernel_size, 2)
    type, value = to.node.bottoms[0].type, to.bottoms[0]
    starts = layer.starts([type], [to.node.tops[0].type])
    for axis, (label, first, length) in enumerate(
        zip(("rows", "columns"), starts, kernel, strict=True), start=2
    ):
        (count,) = bounded(len(first) * length)
        places = np.array(first)[:, None] + np.arange(length)
        type = type.with_shape(*type.shape.replace(axis, count))
        indices = to.constant(f"{label}/indices", places.ravel())
        value = to.step(label, "Gather", [value, indices], type, axis=axis)
    to.top("MaxPool", [value], kernel_shape=kernel, strides=kernel)
