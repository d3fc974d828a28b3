"""Layers that move elements about without arithmetic."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.layers.base import Layer, LayerError, Types, require_image, resolve_axis
from netspec.layers.fields import Margin

NO_ARITHMETIC = "none: it only moves elements"


class Flatten(Layer):
    """Make one axis of several neighbouring ones."""

    family: ClassVar[str] = "shape"
    source: ClassVar[str] = "Caffe's flatten_layer.cpp"
    shape_rule: ClassVar[str] = "the axes from `axis` to `end_axis` become one, their product"
    flops_rule: ClassVar[str] = NO_ARITHMETIC
    synonyms: ClassVar[tuple[str, ...]] = ("flatten",)
    field_synonyms: ClassVar[dict[str, str]] = {"start_dim": "axis", "end_dim": "end_axis"}

    axis: int = Field(1, description="the first axis; negative: from the back")
    end_axis: int = Field(-1, description="the last axis; negative: from the back")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        first = resolve_axis(self, self.axis, shape)
        last = resolve_axis(self, self.end_axis, shape, "end_axis")
        if last < first:
            raise LayerError(
                "bad-axis",
                f"Flatten's `end_axis` {self.end_axis} lies before its `axis` {self.axis}",
                field="end_axis",
            )
        merged = shape[first : last + 1].elements
        return (bottoms[0].with_shape(*shape[:first], merged, *shape[last + 1 :]),)

    def flops(self, bottoms: Types, tops: Types) -> Size:
        return 0


class Concat(Layer):
    """Join blobs along an axis; the other axes must be equal."""

    family: ClassVar[str] = "shape"
    source: ClassVar[str] = "Caffe's concat_layer.cpp"
    shape_rule: ClassVar[str] = "the first bottom's shape, with the sum of the sizes along `axis`"
    flops_rule: ClassVar[str] = NO_ARITHMETIC
    bottom_count: ClassVar[tuple[int, int | None]] = (1, None)
    synonyms: ClassVar[tuple[str, ...]] = ("cat", "Concatenate", "concat")
    field_synonyms: ClassVar[dict[str, str]] = {"dim": "axis", "concat_dim": "axis"}

    axis: int = Field(1, description="the axis to join along; negative: from the back")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        first = bottoms[0].shape
        axis = resolve_axis(self, self.axis, first)
        total: Size = 0
        for number, bottom in enumerate(bottoms):
            shape = bottom.shape
            if shape.rank != first.rank or shape.replace(axis, 0) != first.replace(axis, 0):
                raise LayerError(
                    "shape-mismatch",
                    f"Concat needs equal shapes but for axis {axis}, got "
                    f"{' and '.join(str(each.shape) for each in (bottoms[0], bottom))}",
                    bottom=number,
                )
            total = total + shape[axis]
        return (TensorType(first.replace(axis, total), bottoms[0].dtype),)

    def flops(self, bottoms: Types, tops: Types) -> Size:
        return 0


class Pad(Layer):
    """Add a margin of a constant value around the image, or before and after one axis.

    Give `pad: [top, bottom, left, right]`, or `axis` with `before` and `after`.
    """

    family: ClassVar[str] = "shape"
    source: ClassVar[str] = "PyTorch's and ONNX's Pad, mode constant"
    shape_rule: ClassVar[str] = "the bottom's shape with the margins added"
    flops_rule: ClassVar[str] = NO_ARITHMETIC
    synonyms: ClassVar[tuple[str, ...]] = ("ConstantPad2d", "ZeroPad2d", "ZeroPadding2D")
    field_synonyms: ClassVar[dict[str, str]] = {
        "padding": "pad",
        "pads": "pad",
        "constant_value": "value",
        "dim": "axis",
    }

    pad: list[Margin] | None = Field(None, description="[top, bottom, left, right]")
    axis: int | None = Field(None, description="the only axis to pad; negative: from the back")
    before: Margin = Field(0, description="elements added before the axis's first")
    after: Margin = Field(0, description="elements added behind the axis's last")
    value: float = Field(0.0, description="what the margin holds")

    def check(self) -> Iterator[LayerError]:
        if (self.pad is None) == (self.axis is None):
            wrong = "both" if self.axis is not None else "neither"
            yield LayerError(
                "missing-field" if self.pad is None else "field-conflict",
                f"Pad takes `pad` or `axis`, but has {wrong}",
                field="axis",
            )
        if self.pad is not None and len(self.pad) != 4:
            yield LayerError(
                "bad-value",
                f"`pad` is [top, bottom, left, right], not a list of {len(self.pad)}",
                field="pad",
            )

    def margins(self, rank: int) -> list[tuple[int, int]]:
        """The elements added before and behind each axis of a bottom with `rank` axes."""
        margins = [(0, 0)] * rank
        if self.pad is not None:
            top, bottom, left, right = self.pad
            margins[2:] = [(top, bottom), (left, right)]
        elif self.axis is not None:
            margins[self.axis] = (self.before, self.after)
        return margins

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        if self.pad is not None:
            require_image(self, bottoms)
        elif self.axis is not None:
            resolve_axis(self, self.axis, shape)
        padded = zip(shape, self.margins(shape.rank), strict=True)
        return (bottoms[0].with_shape(*(size + a + b for size, (a, b) in padded)),)

    def flops(self, bottoms: Types, tops: Types) -> Size:
        return 0
