"""Make channels of the places of an image."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.graph.bounds import differing, stated
from netspec.graph.fillers import uppercase
from netspec.graph.reach import Along, Among, Reach
from netspec.graph.sizes import Size, exact_div
from netspec.graph.types import TensorType
from netspec.layers.answers import LayerError
from netspec.layers.base import Types
from netspec.layers.bottoms import require_image, require_known
from netspec.layers.elements import REALS, Elements
from netspec.layers.fields import Count
from netspec.layers.shape import MovingLayer
from netspec.layers.sliding import rows

Order = Annotated[Literal["DCR", "CRD"], BeforeValidator(uppercase)]


class SpaceToDepth(MovingLayer):
    """Make of each square of r×r places one place of r² times the channels.

    With r = `block_size`, the element of channel c in row i·r + y, column j·r + x comes to row i,
    column j: in the order DCR, ONNX's and TensorFlow's, of channel (y·r + x)·C + c; in the order
    CRD, PyTorch's, of channel c·r² + y·r + x, which undoes `PixelShuffle`.
    """

    source: ClassVar[str] = "ONNX's SpaceToDepth; PyTorch's PixelUnshuffle"
    shape_rule: ClassVar[str] = "N×(r²·C)×(H / r)×(W / r); r must divide H and W"
    elements: ClassVar[tuple[Elements, ...]] = (REALS,)
    example: ClassVar[str] = """
        inputs: {data: [N, 3, 640, 640]}
        layers:
          - {name: focus, type: SpaceToDepth, block_size: 2}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("PixelUnshuffle", "pixel_unshuffle")
    synonym_notes: ClassVar[dict[str, str]] = dict.fromkeys(
        ("PixelUnshuffle", "pixel_unshuffle"), "with `order: CRD`"
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "blocksize": "block_size",
        "downscale_factor": "block_size",
        "r": "block_size",
        "mode": "order",
    }

    block_size: Count = Field(description="places along each side of a square")
    order: Order = Field("DCR", description="what channels stand behind each other: places or not")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        block = self.block_size
        squares = [rows(axis, block, (1,)) for axis in (2, 3)]
        return (Along(0), Among((1,)), *squares)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        batch, channels, height, width = require_image(self, bottoms)
        known = require_known(self, "the number of channels", channels)
        sizes = [self._part(size) for size in (height, width)]
        return (bottoms[0].with_shape(batch, known * self.block_size**2, *sizes),)

    def _part(self, size: Size) -> Size:
        part = exact_div(size, self.block_size)
        if part is not None:
            return part
        block = self.block_size
        values = None if isinstance(size, int) else differing(size // block * block, size)
        where = f", but doesn't where {stated(values)}" if values else ""
        raise LayerError(
            "shape-mismatch",
            f"SpaceToDepth's `block_size` {block} must divide height and width; {size} isn't known "
            f"to be a multiple{where}"
            if not isinstance(size, int)
            else f"SpaceToDepth's `block_size` {block} must divide height and width, but one is "
            f"{size}",
            field="block_size",
        )
