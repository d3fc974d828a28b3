"""Cut one blob to the size of another."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from netspec.graph.reach import UNREAD, Reach
from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.layers.answers import Condition, LayerError
from netspec.layers.base import Types
from netspec.layers.bottoms import resolve_axis
from netspec.layers.fields import Margins
from netspec.layers.shape import MovingLayer
from netspec.layers.sliding import shifted
from netspec.layers.told import at_least, require_told

LARGER = (
    "`type: Upsample, bottom: [{0}, {1}]` gives `{0}` the size of `{1}` whatever that is; or fix "
    "the input's size"
)


class Crop(MovingLayer):
    """Cut the first bottom to the size of the second, from `axis` on.

    Axis i keeps the elements offset, offset + 1, …, as many as the second bottom has there; of
    that bottom only the size matters. `offset` is one number for all axes cut, or one for each of
    them; without it the first elements are kept, and with `center` those in the middle: offset is
    floor((size − kept) / 2), so that of an odd margin the larger part is behind. (torchvision's
    center_crop rounds halves to even: of a margin of 3 it takes 2 before.) There must be as many,
    at every symbolic size.
    """

    is_view: ClassVar[bool] = True
    source: ClassVar[str] = "Caffe's crop_layer.cpp; Long et al. 2015, FCN"
    shape_rule: ClassVar[str] = "the first bottom's axes before `axis`, then the second bottom's"
    bottom_count: ClassVar[tuple[int, int | None]] = (2, 2)
    symbolic_fields: ClassVar[tuple[str, ...]] = ("offset",)
    example: ClassVar[str] = """
        inputs: {data: [N, 3, H, W]}
        layers:
          - {name: wide, type: Convolution, num_output: 21, kernel_size: 1, pad: 100}
          - {name: score, type: Crop, bottom: [wide, data], offset: 100}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("crop",)
    field_synonyms: ClassVar[dict[str, str]] = {"dim": "axis", "offsets": "offset"}
    field_notes: ClassVar[dict[str, str]] = dict.fromkeys(
        ("cropping", "size"),
        "`Slice` cuts margins off; `Crop` cuts to the size of a second bottom, from an `offset`",
    )

    axis: int = Field(2, description="the first axis to cut; negative: from the back")
    offset: Margins = Field([], description="the first element kept, of all axes or each")
    center: bool = Field(False, description="whether the elements in the middle are kept")

    def check(self) -> Iterator[LayerError]:
        if self.center and self.offset:
            yield LayerError(
                "field-conflict", "`offset` has no meaning with `center: true`", field="offset"
            )

    def offsets(self, rank: int) -> list[Size]:
        """The first element kept of each axis of a bottom with `rank` axes."""
        cut = rank - self.axis % rank
        given: list[Size] = self.offset if len(self.offset) > 1 else (self.offset or [0]) * cut
        return [0] * (rank - cut) + given

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        if bottom:
            return UNREAD
        shape = bottoms[0].shape
        starts = self.offsets(shape.rank)
        if self.center:
            for axis in range(self.axis % shape.rank, shape.rank):
                starts[axis] = (shape[axis] - tops[0].shape[axis]) // 2
        return tuple([shifted(axis, start) for axis, start in enumerate(starts)])

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape, wanted = bottoms[0].shape, bottoms[1].shape
        axis = resolve_axis(self, self.axis, shape)
        cut = shape.rank - axis
        if len(self.offset) > 1 and len(self.offset) != cut:
            raise LayerError(
                "bad-value",
                f"`offset` needs one number, or one for each of the {cut} axes cut, not "
                f"{len(self.offset)}",
                field="offset",
            )
        if wanted.rank != shape.rank:
            raise LayerError(
                "shape-mismatch",
                f"Crop needs bottoms with equally many axes, got {shape} and {wanted}",
                bottom=1,
            )
        require_told(self, "offset", self.offset, bottoms)
        return (bottoms[0].with_shape(*shape[:axis], *wanted[axis:]),)

    def conditions(self, bottoms: Types) -> Iterator[Condition]:
        shape, wanted = bottoms[0].shape, bottoms[1].shape
        axis = self.axis % shape.rank
        yield from at_least(0, "offset", self.offset)
        for number, offset in enumerate(self.offsets(shape.rank)[axis:], start=axis):
            room = shape[number] - offset - wanted[number]
            error = LayerError(
                "shape-mismatch",
                f"Crop can't take {wanted[number]} elements from {offset} on of the "
                f"{shape[number]} along axis {number}",
                bottom=1,
                help=None if isinstance(room, int) else LARGER,
            )
            yield Condition(room + 1, error)
