"""Layers that only move elements; more in `slice`, `reshape`, `crop` and `resize`."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from netspec.counted import counted
from netspec.graph.reach import POINTWISE, Along, Among, Reach
from netspec.graph.sizes import Size
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import NOTHING, Work
from netspec.layers.answers import Condition, LayerError
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import require_spatial, resolve_axis
from netspec.layers.elements import ANYTHING, Elements
from netspec.layers.fields import Count, Sides, SymbolicMargin
from netspec.layers.fitting import advice, alike, difference
from netspec.layers.sliding import pointwise_but, regrouped, shifted
from netspec.layers.told import at_least, require_told, sizes_in


class MovingLayer(Layer):
    """The base of layers that only move elements."""

    family: ClassVar[str] = "shape"
    flops_rule: ClassVar[str] = "none: it only moves elements"
    elements: ClassVar[tuple[Elements, ...]] = (ANYTHING,)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return NOTHING


class Identity(MovingLayer):
    """Give what it reads.

    It keeps a place for a layer that a variant has, or a number in a list of layers.
    """

    source: ClassVar[str] = "PyTorch's nn.Identity; ONNX's Identity"
    flops_rule: ClassVar[str] = "none"
    is_identity_in_test: ClassVar[bool] = True
    synonyms: ClassVar[tuple[str, ...]] = ("identity",)

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        return POINTWISE

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        return (bottoms[0],)


class Flatten(MovingLayer):
    """Make one axis of several neighbouring ones."""

    is_view: ClassVar[bool] = True
    source: ClassVar[str] = "Caffe's flatten_layer.cpp"
    shape_rule: ClassVar[str] = "the axes from `axis` to `end_axis` become one, their product"
    example: ClassVar[str] = """
        inputs: {data: [N, 256, 6, 6]}
        layers:
          - {name: flatten, type: Flatten}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("flatten",)
    field_synonyms: ClassVar[dict[str, str]] = {"start_dim": "axis", "end_dim": "end_axis"}

    axis: int = Field(1, description="the first axis; negative: from the back")
    end_axis: int = Field(-1, description="the last axis; negative: from the back")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        return tuple(regrouped(bottoms[0].shape.sizes, tops[0].shape.sizes))

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

    def brief(self, bottoms: Types) -> str:
        return "flatten"


class Permute(MovingLayer):
    """Put the axes into another order.

    Axis i of the top is axis `order[i]` of the bottom: `order: [0, 2, 3, 1]` makes N×H×W×C of
    N×C×H×W. All axes are listed, the batch, which is 0, too; it's best left in front, for there
    every other layer looks for it.
    """

    is_view: ClassVar[bool] = True
    source: ClassVar[str] = "Liu et al. 2016, SSD (permute_layer.cpp)"
    shape_rule: ClassVar[str] = "the bottom's sizes in the order of `order`"
    example: ClassVar[str] = """
        inputs: {data: [N, 3, 224, 224]}
        layers:
          - {name: channels_last, type: Permute, order: [0, 2, 3, 1]}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("Transpose", "permute", "transpose")
    field_synonyms: ClassVar[dict[str, str]] = {"dims": "order", "perm": "order"}
    field_notes: ClassVar[dict[str, str]] = {
        "dims": "write `order`, all axes with the batch first (Keras' `dims` leave it out)"
    }

    order: list[int] = Field(description="the bottom's axes as the top has them, each once")

    def check(self) -> Iterator[LayerError]:
        if sorted(self.order) != list(range(len(self.order))):
            yield LayerError(
                "bad-value",
                f"`order` needs each axis from 0 to {len(self.order) - 1} once, not {self.order}",
                field="order",
            )

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        places = sorted(range(len(self.order)), key=self.order.__getitem__)
        return tuple([Along(place) for place in places])

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        if shape.rank != len(self.order):
            raise LayerError(
                "bad-axis",
                f"Permute's `order` lists {counted(len(self.order), 'axis')}, but its bottom "
                f"{shape} has {shape.rank}",
                field="order",
            )
        return (bottoms[0].with_shape(*(shape[axis] for axis in self.order)),)

    def brief(self, bottoms: Types) -> str:
        return "permute"


class Concat(MovingLayer):
    """Join blobs along an axis; the other axes must be equal."""

    source: ClassVar[str] = "Caffe's concat_layer.cpp"
    shape_rule: ClassVar[str] = "the first bottom's shape, with the sum of the sizes along `axis`"
    bottom_count: ClassVar[tuple[int, int | None]] = (1, None)
    one_type: ClassVar[bool] = True
    example: ClassVar[str] = """
        inputs: {left: [N, 64, 28, 28], right: [N, 32, 28, 28]}
        layers:
          - {name: concat, type: Concat, bottom: [left, right]}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("cat", "Concatenate", "concat")
    field_synonyms: ClassVar[dict[str, str]] = {"dim": "axis", "concat_dim": "axis"}

    axis: int = Field(1, description="the axis to join along; negative: from the back")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        axis = self.axis % rank
        return pointwise_but(rank, (axis,), Among((axis,), joined=len(bottoms) > 1))

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        first = bottoms[0].shape
        axis = resolve_axis(self, self.axis, first)
        total: Size = 0
        for number, bottom in enumerate(bottoms):
            shape = bottom.shape
            if shape.rank != first.rank or not alike(*(s.replace(axis, 1) for s in (first, shape))):
                raise self._mismatch(first, shape, axis, number)
            total = total + shape[axis]
        return (TensorType(first.replace(axis, total), bottoms[0].dtype),)

    def _mismatch(self, first: Shape, shape: Shape, axis: int, number: int) -> LayerError:
        rest, other = first.replace(axis, 1), shape
        if axis < shape.rank:
            other = shape.replace(axis, 1)
        return LayerError(
            "shape-mismatch",
            f"Concat needs shapes that are equal but for axis {axis}; {{0}} gives {first} and "
            f"{{{number}}} gives {shape}{difference(rest, other)}",
            bottom=number,
            help=advice(rest, other, number) if axis == 1 else None,
        )

    def brief(self, bottoms: Types) -> str:
        return "concat"


class Tile(MovingLayer):
    """Repeat a blob along an axis, the copies one behind the other."""

    source: ClassVar[str] = "Caffe's tile_layer.cpp"
    shape_rule: ClassVar[str] = "the bottom's shape, `tiles` times as large along `axis`"
    example: ClassVar[str] = """
        inputs: {data: [N, 1, 28, 28]}
        layers:
          - {name: three, type: Tile, tiles: 3}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("tile",)
    field_synonyms: ClassVar[dict[str, str]] = {"dim": "axis", "repeats": "tiles"}

    axis: int = Field(1, description="the axis to repeat along; negative: from the back")
    tiles: Count = Field(description="how many copies the top holds")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        axis = self.axis % rank
        return pointwise_but(rank, (axis,), Among((axis,)))

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        axis = resolve_axis(self, self.axis, shape)
        return (bottoms[0].with_shape(*shape.replace(axis, shape[axis] * self.tiles)),)


class Pad(MovingLayer):
    """Add a margin of a constant value around the spatial axes, or before and after one axis.

    `pad` is a number for all sides, or a list of [before, after] for each spatial axis, the
    outermost first; of an image it may be [top, bottom, left, right] as well. Or give `axis` with
    `before` and `after`.
    """

    source: ClassVar[str] = "PyTorch's and ONNX's Pad, mode constant"
    shape_rule: ClassVar[str] = "the bottom's shape with the margins added"
    example: ClassVar[str] = """
        inputs: {data: [N, 3, 224, 224], volume: [N, 1, 16, 64, 64]}
        layers:
          - {name: frame, type: Pad, pad: [1, 1, 2, 2], bottom: data}
          - {name: zeros, type: Pad, axis: 1, after: 13}
          - {name: longer, type: Pad, pad: [[1, 1], [0, 0], [0, 0]], bottom: volume}
        outputs: [zeros, longer]
    """
    synonyms: ClassVar[tuple[str, ...]] = (
        "ConstantPad2d",
        "ZeroPad2d",
        "ZeroPadding2D",
        "ConstantPad1d",
        "ZeroPad1d",
        "ZeroPadding1D",
        "ConstantPad3d",
        "ZeroPad3d",
        "ZeroPadding3D",
        "Padding",
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "padding": "pad",
        "pads": "pad",
        "constant_value": "value",
        "dim": "axis",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "padding": "write `pad`, [before, after] for each spatial axis, the outermost first "
        "(PyTorch has the last axis first), or `axis` with `before` and `after`",
        "pads": "write `pad`, [before, after] for each spatial axis (ONNX has the beginnings of "
        "all axes first), or `axis` with `before` and `after`",
        "mode": "the margin here holds one `value`; reflected and copied ones there are none",
    }

    symbolic_fields: ClassVar[tuple[str, ...]] = ("pad", "before", "after")

    pad: Sides | None = Field(
        None, description="for all sides, or [before, after] for each spatial axis"
    )
    axis: int | None = Field(None, description="the only axis to pad; negative: from the back")
    before: SymbolicMargin = Field(0, description="elements added before the axis's first")
    after: SymbolicMargin = Field(0, description="elements added behind the axis's last")
    value: float = Field(0.0, description="what the margin holds")

    def check(self) -> Iterator[LayerError]:
        if (self.pad is None) == (self.axis is None):
            wrong = "both" if self.axis is not None else "neither"
            yield LayerError(
                "missing-field" if self.pad is None else "field-conflict",
                f"Pad takes `pad` or `axis`, but has {wrong}",
                field="axis",
            )
        elif self.pad is not None:
            for name in ("before", "after"):
                if getattr(self, name):
                    yield LayerError(
                        "field-conflict", f"`{name}` has no meaning with `pad`", field=name
                    )
        if isinstance(self.pad, list) and self._pairs() is None:
            yield LayerError(
                "bad-value",
                "`pad` is a number, [before, after] for each spatial axis, or [top, bottom, left, "
                f"right], not {self.pad}",
                field="pad",
            )

    def _pairs(self) -> list[tuple[Size, Size]] | None:
        """The list that `pad` is, by axes; None where it is none of either kind."""
        given = self.pad if isinstance(self.pad, list) else []
        flat = [each for each in given if not isinstance(each, list)]
        if len(flat) == len(given) == 4:
            return [(flat[0], flat[1]), (flat[2], flat[3])]
        pairs = [(each[0], each[1]) for each in given if isinstance(each, list) and len(each) == 2]
        return pairs if 0 < len(pairs) == len(given) else None

    def margins(self, rank: int) -> list[tuple[Size, Size]]:
        """The elements added before and behind each axis of a bottom with `rank` axes."""
        margins: list[tuple[Size, Size]] = [(0, 0)] * rank
        if isinstance(self.pad, list):
            margins[2:] = self._pairs() or ()
        elif self.pad is not None:
            margins[2:] = [(self.pad, self.pad)] * (rank - 2)
        elif self.axis is not None:
            margins[self.axis] = (self.before, self.after)
        return margins

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        margins = enumerate(self.margins(bottoms[0].shape.rank))
        return tuple([shifted(axis, -before) for axis, (before, _) in margins])

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        if self.pad is not None:
            require_spatial(self, bottoms)
        elif self.axis is not None:
            resolve_axis(self, self.axis, shape)
        margins = self.margins(shape.rank)
        if len(margins) != shape.rank:
            raise LayerError(
                "shape-mismatch",
                f"`pad` has margins of {counted(len(margins) - 2, 'spatial axis')}, but {{0}}, "
                f"{shape}, has {shape.rank - 2}",
                field="pad",
            )
        self._check_value(bottoms[0].dtype)
        for name in self.symbolic_fields:
            require_told(self, name, sizes_in(getattr(self, name)), bottoms)
        padded = zip(shape, margins, strict=True)
        return (bottoms[0].with_shape(*(size + a + b for size, (a, b) in padded)),)

    def conditions(self, bottoms: Types) -> Iterator[Condition]:
        for name in self.symbolic_fields:
            yield from at_least(0, name, sizes_in(getattr(self, name)))

    def _check_value(self, dtype: str) -> None:
        """Refuse a value that elements of the bottom's type can't have."""
        limit = {"bool": 1, "int32": 2**31 - 1, "int64": 2**53}.get(dtype)
        if limit is None:
            return
        least = 0 if dtype == "bool" else -limit
        if not (self.value.is_integer() and least <= self.value <= limit):
            raise LayerError(
                "bad-value",
                f"Pad's `value` is {self.value:g}, which {{0}}, of {dtype}, can't hold",
                field="value",
            )
