"""Cut a blob into several."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import ClassVar

from pydantic import Field

from netspec.counted import counted
from netspec.graph.bounds import differing, enough_factor, stated
from netspec.graph.reach import Reach
from netspec.graph.sizes import Size, exact_div, substitute, symbols
from netspec.graph.types import TensorType
from netspec.layers.answers import Condition, LayerError
from netspec.layers.base import Types
from netspec.layers.bottoms import resolve_axis
from netspec.layers.fields import Counts
from netspec.layers.shape import MovingLayer
from netspec.layers.sliding import pointwise_but, shifted


class Slice(MovingLayer):
    """Cut a blob along an axis into several tops.

    `slice_point` lists where the second part begins, the third, …: of 7 rows, `[1, 4]` makes
    parts of 1, 3 and 3. Without it the parts are equal, and as many as `top` names:
    `top: [left, right]`.
    """

    is_view: ClassVar[bool] = True
    source: ClassVar[str] = "Caffe's slice_layer.cpp"
    shape_rule: ClassVar[str] = (
        "the bottom's shape with each part's size along `axis`; without `slice_point` the bottom's "
        "size there by the number of tops, which must divide it"
    )
    top_count: ClassVar[tuple[int, int | None]] = (1, None)
    example: ClassVar[str] = """
        inputs: {data: [N, 64, 28, 28]}
        layers:
          - {name: halves, type: Slice, top: [left, right]}
          - {name: parts, type: Slice, slice_point: [8, 24], top: [a, b, c], bottom: left}
        outputs: [right, a, b, c]
    """
    synonyms: ClassVar[tuple[str, ...]] = ("Split", "split", "chunk", "tensor_split")
    field_synonyms: ClassVar[dict[str, str]] = {"dim": "axis", "slice_dim": "axis"}
    field_notes: ClassVar[dict[str, str]] = dict.fromkeys(
        ("split", "split_size", "split_size_or_sections", "num_outputs", "chunks", "sections"),
        "write `slice_point`, the places to cut: sizes [16, 16, 32] are `slice_point: [16, 32]`; "
        "for equal parts leave it out",
    )

    axis: int = Field(1, description="the axis to cut; negative: from the back")
    slice_point: Counts = Field([], description="where parts begin but for the first")

    def check(self) -> Iterator[LayerError]:
        if any(one >= other for one, other in pairwise(self.slice_point)):
            yield LayerError(
                "bad-value",
                f"`slice_point` must increase from part to part, not {self.slice_point}",
                field="slice_point",
            )

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        shape = bottoms[0].shape
        axis = self.axis % shape.rank
        start: Size = 0
        if top:
            start = self.slice_point[top - 1] if self.slice_point else top * tops[0].shape[axis]
        return pointwise_but(shape.rank, (axis,), shifted(axis, start))

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        return self.outputs_for(bottoms, 0)

    def outputs_for(self, bottoms: Types, count: int) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        axis = resolve_axis(self, self.axis, shape)
        parts = self._points(shape[axis]) if self.slice_point else self._equal(shape[axis], count)
        return tuple(bottoms[0].with_shape(*shape.replace(axis, part)) for part in parts)

    def conditions(self, bottoms: Types) -> Iterator[Condition]:
        if self.slice_point:
            size, last = bottoms[0].shape[self.axis], self.slice_point[-1]
            error = LayerError(
                "bad-value",
                f"`slice_point` {last} leaves nothing of the {counted(size, 'element')} "
                "for the last part",
                field="slice_point",
                help=None if isinstance(size, int) else "fix the input's size",
            )
            yield Condition(size - last, error)

    def _points(self, size: Size) -> list[Size]:
        bounds = [0, *self.slice_point, size]
        return [end - start for start, end in pairwise(bounds)]

    def _equal(self, size: Size, count: int) -> list[Size]:
        if count == 0:
            raise LayerError(
                "top-count",
                "Slice needs to know how many parts to give",
                help="name them, `top: [a, b]`, or say where to cut, `slice_point: [1]`",
            )
        part = exact_div(size, count)
        if part is not None:
            return [part] * count
        help = "say where to cut: `slice_point`"

        def divides(multiples: Mapping[str, Size], factor: int) -> bool:
            return exact_div(substitute(size, dict(multiples)), count) is not None

        if isinstance(size, int):
            message = f"Slice can't cut {counted(size, 'element')} into {count} equal parts"
            raise LayerError("shape-mismatch", message, bottom=0, help=help)
        message = f"Slice needs to know that {count} divides the axis's size, which is {size} here"
        values = differing(size // count * count, size)
        message += f"; it doesn't where {stated(values)}" if values else ""
        more = enough_factor(symbols(size), divides)
        raise LayerError(
            "unknown-size", message, bottom=0, help=f"{help}; or {more}" if more else help
        )

    def brief(self, bottoms: Types) -> str:
        return "slice"
