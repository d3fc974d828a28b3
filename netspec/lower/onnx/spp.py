"""Spatial pyramid pooling."""

import numpy as np

from netspec.layers.spp import SPP, pyramid_windows
from netspec.lower.onnx.emitter import Emitter, NotLowerable


def spp(layer: SPP, to: Emitter) -> None:
    levels = [_level(layer, to, level) for level in range(layer.pyramid_height)]
    to.top("Concat", levels, axis=1)


def _level(layer: SPP, to: Emitter, level: int) -> str:
    """One level's windows, flattened."""
    bottom = to.node.bottoms[0].type
    batch, channels, height, width = bottom.shape
    if not isinstance(height, int) or not isinstance(width, int):
        raise NotLowerable(
            f"ONNX's windows are of a known size, but those of SPP depend on the bottom's, which "
            f"is {height}×{width}"
        )
    windows = [pyramid_windows(size, level) for size in (height, width)]
    kernel, before, behind = zip(*windows, strict=True)
    name, inputs = to.bottoms[0], []
    if any(before):
        margins = to.constant(f"level{level}/margins", [0, 0, *before, 0, 0, *behind])
        inputs.append(margins)
        if layer.pool == "MAX":
            inputs.append(to.float_constant(f"level{level}/nothing", -np.inf))
        larger = bottom.with_shape(batch, channels, *(length * 2**level for length in kernel))
        name = to.step(f"level{level}/padded", "Pad", [name, *inputs], larger)
    operator = "MaxPool" if layer.pool == "MAX" else "AveragePool"
    pooled = bottom.with_shape(batch, channels, 2**level, 2**level)
    settings = {"kernel_shape": kernel, "strides": kernel}
    name = to.step(f"level{level}/pooled", operator, [name], pooled, **settings)
    flat = bottom.with_shape(batch, channels * 4**level)
    return to.step(f"level{level}", "Flatten", [name], flat, axis=1)
