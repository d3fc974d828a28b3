"""Shift elements along axes."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from netspec.graph.reach import Along, Among, Reach
from netspec.graph.types import TensorType
from netspec.layers.answers import LayerError
from netspec.layers.base import Types
from netspec.layers.bottoms import resolve_axis
from netspec.layers.fields import MAX_SIZE, Integers
from netspec.layers.shape import MovingLayer


class Roll(MovingLayer):
    """Shift elements along axes; what leaves at an end comes back at the other.

    Along an axis of n elements, element i of the top is element (i − shift) mod n of the bottom: a
    positive `shift` moves elements back, a negative one to the front. Swin Transformers shift their
    windows by it.
    """

    source: ClassVar[str] = "PyTorch's and NumPy's roll; Liu et al. 2021, Swin Transformer"
    example: ClassVar[str] = """
        inputs: {data: [N, 56, 56, 96]}
        layers:
          - {name: shifted, type: Roll, axis: [1, 2], shift: [-3, -3]}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("roll",)
    field_synonyms: ClassVar[dict[str, str]] = {
        "dims": "axis",
        "dim": "axis",
        "axes": "axis",
        "shifts": "shift",
    }

    axis: Integers = Field(
        description="the axis or the list of axes to move along; negative: from the back"
    )
    shift: Integers = Field(description="places moved along the axis, or along each")

    def check(self) -> Iterator[LayerError]:
        axes, shifts = _listed(self.axis), _listed(self.shift)
        if not axes:
            yield LayerError("bad-axis", "Roll's `axis` is empty", field="axis")
        elif len(axes) != len(shifts):
            yield LayerError(
                "bad-value",
                f"`shift` needs a number for each axis: {len(axes)}, not {len(shifts)}",
                field="shift",
            )
        far = [shift for shift in shifts if abs(shift) > MAX_SIZE]
        if far:
            message = f"`shift` should be from -{MAX_SIZE} to {MAX_SIZE}, not {far[0]}"
            yield LayerError("bad-value", message, field="shift")

    def moves(self, rank: int) -> list[tuple[int, int]]:
        """The axes of a bottom with `rank` axes, counted from the front, and their shifts."""
        pairs = zip(_listed(self.axis), _listed(self.shift), strict=True)
        return [(axis % rank, shift) for axis, shift in pairs]

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        moved = {axis for axis, _ in self.moves(rank)}
        return tuple([Among((axis,)) if axis in moved else Along(axis) for axis in range(rank)])

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        axes = [resolve_axis(self, axis, shape) for axis in _listed(self.axis)]
        if len(set(axes)) != len(axes):
            raise LayerError("bad-axis", "Roll's `axis` names an axis twice", field="axis")
        return (bottoms[0].with_shape(*shape),)


def _listed(value: int | Sequence[int]) -> Sequence[int]:
    return [value] if isinstance(value, int) else value
