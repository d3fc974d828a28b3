"""Spatial pyramid pooling."""

from netspec.layers.spp import SPP, pyramid_windows
from netspec.lower.onnx.emitter import Emitter, NotLowerable
from netspec.lower.onnx.layers.registry import lowers

_OPERATORS: dict[str, tuple[str, dict[str, int]]] = {
    "MAX": ("MaxPool", {}),
    "AVE": ("AveragePool", {"count_include_pad": 1}),
}


@lowers(SPP)
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
    operator, further = _OPERATORS[layer.pool]
    settings = {"kernel_shape": kernel, "strides": kernel, "pads": [*before, *behind], **further}
    pooled = bottom.with_shape(batch, channels, 2**level, 2**level)
    name = to.step(f"level{level}/pooled", operator, to.bottoms, pooled, **settings)
    flat = bottom.with_shape(batch, channels * 4**level)
    return to.step(f"level{level}", "Flatten", [name], flat, axis=1)
