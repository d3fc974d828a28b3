"""Windows of a pooling, and the margins that make them whole."""

from typing import Any, TypeAlias

from netspec.graph import TensorType
from netspec.layers.pooling import Pooling
from netspec.lower.onnx.emitter import Emitter

Pair: TypeAlias = tuple[int, int]
Typed: TypeAlias = tuple[str, TensorType]
"""A value's name and type."""


def window(layer: Pooling) -> dict[str, Pair]:
    """The attributes of the windows but for their margins."""
    assert layer.kernel_size is not None
    return {"kernel_shape": layer.kernel_size, "strides": layer.stride}


def behind(layer: Pooling, to: Emitter) -> Pair:
    """The margins below and at the right with which all windows are whole ones."""
    return layer.behind(to.node.bottoms[0].shape, to.node.tops[0].shape)


def margins(layer: Pooling, to: Emitter) -> list[int]:
    """The margins as ONNX's `pads` has them."""
    return [*layer.pad, *behind(layer, to)]


def padded(
    to: Emitter,
    before: Pair,
    behind: Pair,
    *,
    bottom: Typed | None = None,
    value: str | None = None,
    label: str = "padded",
) -> Typed:
    """The bottom, or another image, in real margins of zeros or another value; its type too."""
    name, type = bottom or (to.bottoms[0], to.node.bottoms[0].type)
    (above, left), (below, right), shape = before, behind, type.shape
    larger = type.with_shape(*shape[:2], shape[2] + above + below, shape[3] + left + right)
    sizes = to.constant(f"{label}/margins", [0, 0, above, left, 0, 0, below, right])
    inputs = [name, sizes, *([] if value is None else [value])]
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
