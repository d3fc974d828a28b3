"""Windows of a pooling, and the margins that make them whole."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from netspec.graph import TensorType
from netspec.layers.pooling import Pooling
from netspec.lower.onnx.emitter import Emitter

Typed: TypeAlias = tuple[str, TensorType]
"""A value's name and type."""


def window(layer: Pooling, to: Emitter) -> dict[str, tuple[int, ...]]:
    """The attributes of the windows but for their margins."""
    kernel, stride, _ = layer.along(to.node.bottoms[0].shape.rank - 2)
    return {"kernel_shape": kernel, "strides": stride}


def before(layer: Pooling, to: Emitter) -> tuple[int, ...]:
    """The margins at the beginning of each axis."""
    *_, pad = layer.along(to.node.bottoms[0].shape.rank - 2)
    return pad


def behind(layer: Pooling, to: Emitter) -> tuple[int, ...]:
    """The margins at the end of each axis with which all windows are whole ones."""
    return layer.behind(to.node.bottoms[0].shape, to.node.tops[0].shape)


def margins(layer: Pooling, to: Emitter) -> list[int]:
    """The margins as ONNX's `pads` has them."""
    return [*before(layer, to), *behind(layer, to)]


def padded(
    to: Emitter,
    before: Sequence[int],
    behind: Sequence[int],
    *,
    bottom: Typed | None = None,
    value: str | None = None,
    label: str = "padded",
) -> Typed:
    """The bottom, or another image, in real margins of zeros or another value; its type too."""
    name, type = bottom or (to.bottoms[0], to.node.bottoms[0].type)
    sizes = [a + b + c for a, b, c in zip(type.shape[2:], before, behind, strict=True)]
    larger = type.with_shape(*type.shape[:2], *sizes)
    margins = to.constant(f"{label}/margins", [0, 0, *before, 0, 0, *behind])
    inputs = [name, margins, *([] if value is None else [value])]
    return to.step(label, "Pad", inputs, larger), larger


def negative_averages(to: Emitter, label: str, image: Typed, **settings: Any) -> str:
    """The averages of an image's windows, their signs changed.

    An AveragePool right behind a Pad is merged with it by runtimes and optimizers, which then
    leave the padding out of the count, or refuse padding as wide as a window.
    """
    name, type = image
    windows = to.node.tops[0].shape[2:]
    negative = to.step(f"{label}/negative", "Neg", [name], type)
    pooled = type.with_shape(*type.shape[:2], *windows)
    return to.step(label, "AveragePool", [negative], pooled, **settings)
