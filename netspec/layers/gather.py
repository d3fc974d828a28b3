"""Choose elements along an axis by their numbers."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from netspec.counted import counted
from netspec.graph.reach import Along, Among, Part, Reach, Step
from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.layers.answers import Condition, LayerError
from netspec.layers.base import Types
from netspec.layers.bottoms import resolve_axis
from netspec.layers.elements import ANYTHING, INTEGERS, Elements
from netspec.layers.fields import Integers
from netspec.layers.shape import MovingLayer


class Gather(MovingLayer):
    """Choose elements along an axis by their numbers, in any order, one of them several times.

    The numbers, counted from 0, negative ones from the back, are `indices`, or a second bottom of
    integers: then its axes stand in the place of `axis`. With one number, not in a list, no axis
    is left there: `axis: 1, indices: 0` is the first of a sequence. A number that the axis doesn't
    have is an error, here where it's known, else when the network runs.
    """

    source: ClassVar[str] = "ONNX's Gather; PyTorch's indexing and index_select"
    shape_rule: ClassVar[str] = (
        "the first bottom's shape, with as many elements along `axis` as there are `indices`, "
        "without `axis` where that is one number, or with the second bottom's axes in its place"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (1, 2)
    looks_up: ClassVar[bool] = True
    elements: ClassVar[tuple[Elements, ...]] = (ANYTHING, INTEGERS)
    example: ClassVar[str] = """
        inputs: {data: [N, 3, 224, 224]}
        layers:
          - {name: bgr, type: Gather, axis: 1, indices: [2, 1, 0]}
          - {name: table, type: Parameter, shape: [169, 4]}
          - {name: index, type: Constant, shape: [49], axes: [i], value: $(3 * i), dtype: int64}
          - {name: rows, type: Gather, bottom: [table, index]}
        outputs: [bgr, rows]
    """
    synonyms: ClassVar[tuple[str, ...]] = ("IndexSelect", "index_select", "gather", "take")
    field_synonyms: ClassVar[dict[str, str]] = {"dim": "axis", "index": "indices"}

    axis: int = Field(0, description="the axis to choose along; negative: from the back")
    indices: Integers | None = Field(
        None, description="the numbers of the elements chosen; one, not in a list: without the axis"
    )

    def check(self) -> Iterator[LayerError]:
        if self.indices == []:
            yield LayerError("bad-value", "`indices` is an empty list", field="indices")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        axis, chosen = self.axis % bottoms[0].shape.rank, self._chosen(bottoms)
        if bottom:
            return tuple([Along(axis + number) for number in range(len(chosen))])
        size, index = bottoms[0].shape[axis], self.indices
        step: Step = Among(tuple(range(axis, axis + len(chosen))))
        if isinstance(index, int):
            place = index if index >= 0 else size + index
            step = Part(place, place) if isinstance(place, int) else step
        after = range(axis + len(chosen), tops[0].shape.rank)
        return (*[Along(each) for each in range(axis)], step, *[Along(each) for each in after])

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        axis = resolve_axis(self, self.axis, shape)
        if (self.indices is None) == (len(bottoms) == 1):
            code, has = ("missing-field", "neither") if self.indices is None else _BOTH
            raise LayerError(
                code, f"Gather takes `indices` or a second bottom, but has {has}", field="indices"
            )
        return (bottoms[0].with_shape(*shape[:axis], *self._chosen(bottoms), *shape[axis + 1 :]),)

    def _chosen(self, bottoms: Types) -> tuple[Size, ...]:
        """What stands in the place of the axis."""
        if self.indices is None:
            return bottoms[1].shape.sizes
        return (len(self.indices),) if isinstance(self.indices, list) else ()

    def conditions(self, bottoms: Types) -> Iterator[Condition]:
        size = bottoms[0].shape[self.axis]
        for index in [self.indices] if isinstance(self.indices, int) else self.indices or ():
            yield _within(size, index, "`indices` has", field="indices")

    def conditions_of_integers(
        self, bottoms: Types, number: int, least: int, greatest: int
    ) -> Iterator[Condition]:
        if number == 1:
            size = bottoms[0].shape[self.axis]
            yield _within(size, greatest, "{1} holds", bottom=1)
            yield _within(size, least, "{1} holds", bottom=1)


def _within(
    size: Size, index: int, what: str, *, field: str | None = None, bottom: int | None = None
) -> Condition:
    """That an axis has the element of that number."""
    error = LayerError(
        "bad-value",
        f"{what} {index}, but the axis has {counted(size, 'element')}",
        field=field,
        bottom=bottom,
        help=None if isinstance(size, int) else "fix the input's size",
    )
    return Condition(size - (index if index >= 0 else -index - 1), error)


_BOTH = ("field-conflict", "both")
