"""Stretch a blob to the size of another."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from netspec.graph.bounds import equal
from netspec.graph.reach import UNREAD, Reach
from netspec.graph.types import TensorType
from netspec.layers.answers import LayerError
from netspec.layers.base import Types
from netspec.layers.bottoms import resolve_axis
from netspec.layers.fields import Integers
from netspec.layers.shape import MovingLayer
from netspec.layers.sliding import stretched


class Expand(MovingLayer):
    """Stretch axes of size 1 of the first bottom to the size of the second.

    What stands at the only place of such an axis then stands at all places. The size is the second
    bottom's along `axis`, without it along all axes; of that bottom only the size matters. A class
    token of 1×1×C becomes one for each sample of a batch with `axis: 0`. An axis that has the size
    already stays as it is.
    """

    is_view: ClassVar[bool] = True
    source: ClassVar[str] = "PyTorch's Tensor.expand; ONNX's Expand"
    shape_rule: ClassVar[str] = "the first bottom's shape, with the second's sizes along `axis`"
    bottom_count: ClassVar[tuple[int, int | None]] = (2, 2)
    example: ClassVar[str] = """
        inputs: {data: [N, 196, 768]}
        layers:
          - {name: class_token, type: Parameter, shape: [1, 1, 768]}
          - {name: first, type: Expand, bottom: [class_token, data], axis: 0}
          - {name: tokens, type: Concat, bottom: [first, data]}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("expand", "expand_as", "Broadcast", "BroadcastTo")
    field_synonyms: ClassVar[dict[str, str]] = {"dim": "axis", "axes": "axis"}
    field_notes: ClassVar[dict[str, str]] = dict.fromkeys(
        ("shape", "sizes", "size"),
        "the sizes are those of a second bottom, along `axis`; `Tile` makes a number of copies",
    )

    axis: Integers | None = Field(
        None,
        description="the axis stretched, or a list of them; none: all; negative: from the back",
    )

    def axes(self, rank: int) -> list[int]:
        """The axes stretched of a bottom with `rank` axes, in order."""
        if self.axis is None:
            return list(range(rank))
        given: Sequence[int] = [self.axis] if isinstance(self.axis, int) else self.axis
        return sorted(axis % rank for axis in given)

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        if bottom:
            return UNREAD
        return tuple(stretched(bottoms[0].shape, tops[0].shape, 0))

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape, wanted = bottoms[0].shape, bottoms[1].shape
        if shape.rank != wanted.rank:
            raise LayerError(
                "shape-mismatch",
                f"Expand needs bottoms with equally many axes, got {shape} and {wanted}",
                bottom=0,
                help="`Reshape` gives a blob axes of size 1",
            )
        if self.axis == []:
            raise LayerError("bad-axis", "Expand's `axis` is empty", field="axis")
        given = [self.axis] if isinstance(self.axis, int) else self.axis or []
        if len({resolve_axis(self, axis, shape) for axis in given}) != len(given):
            raise LayerError("bad-axis", "Expand's `axis` names an axis twice", field="axis")
        for axis in self.axes(shape.rank):
            if shape[axis] != 1 and not equal(shape[axis], wanted[axis]):
                raise LayerError(
                    "shape-mismatch",
                    f"Expand stretches axes of size 1; it can't make {wanted[axis]} elements of "
                    f"the {shape[axis]} along axis {axis}",
                    bottom=0,
                )
            shape = shape.replace(axis, wanted[axis])
        return (bottoms[0].with_shape(*shape),)
