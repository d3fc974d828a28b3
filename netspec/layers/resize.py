"""Layers that give a blob another resolution, or its channels another order."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.counted import counted
from netspec.graph.fillers import uppercase
from netspec.graph.reach import UNREAD, Along, Among, Reach
from netspec.graph.sizes import Size
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import Condition, LayerError
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import require_image, require_known, require_spatial
from netspec.layers.elements import ANYTHING, REALS, Elements
from netspec.layers.extents import require_extents
from netspec.layers.fields import Count, Extents, SymbolicExtents, spread
from netspec.layers.shape import MovingLayer
from netspec.layers.sliding import linear, nearest, pointwise_but, resized, sliding
from netspec.layers.told import at_least, require_told, sizes_in
from netspec.layers.words import step

UpsampleMode = Annotated[
    Literal["NEAREST", "LINEAR", "BILINEAR", "TRILINEAR"], BeforeValidator(uppercase)
]

LINEAR = ("LINEAR", "BILINEAR", "TRILINEAR")
KINDS = {
    "NEAREST": Kind.UPSAMPLE_NEAREST,
    "LINEAR": Kind.UPSAMPLE_LINEAR,
    "BILINEAR": Kind.UPSAMPLE_BILINEAR,
    "TRILINEAR": Kind.UPSAMPLE_TRILINEAR,
}
"""What interpolation is called along one, two and three axes."""


class Upsample(Layer):
    """Give the spatial axes other sizes, without weights.

    They are `scale` times the bottom's, or `size`, or those of a second bottom, of which only the
    size matters.

    NEAREST: row i of H' is row floor(i·H / H') of the bottom's H, and so along each axis. LINEAR,
    BILINEAR and TRILINEAR are one rule for one, two and three axes: the mean of the two, four or
    eight nearest elements, weighted by how near they are. By default an element is a square with a
    middle, and the squares cover the image: row i lies at (i + 0.5)·H / H' − 0.5, moved to the
    edge where that is outside. With `align_corners` the middles of the corners stay in place: row
    i lies at i·(H − 1) / (H' − 1), the only row of one at 0.

    PyTorch and ONNX Runtime compute these places in single precision, each in its own way: where
    H' / H is no power of two, interpolation differs by some 1e-7·H of the values' range.
    """

    family: ClassVar[str] = "shape"
    spatial: ClassVar[bool] = True
    source: ClassVar[str] = "PyTorch's interpolate, modes nearest, linear, bilinear and trilinear"
    shape_rule: ClassVar[str] = "N×C×H'×W': `scale`·H, `size`, or the second bottom's"
    flops_rule: ClassVar[str] = (
        "NEAREST: none, it only moves elements; LINEAR 3, BILINEAR 7, TRILINEAR 15 for each "
        "element of the top: 2, 4 or 8 products and one addition less"
    )
    nonfinite: ClassVar[str | None] = (
        "interpolation multiplies neighbours by weights that may be 0; where such a neighbour is "
        "infinite, one target gives NaN and the other the infinity"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (1, 2)
    elements: ClassVar[tuple[Elements, ...]] = (REALS, ANYTHING)
    symbolic_fields: ClassVar[tuple[str, ...]] = ("size",)
    example: ClassVar[str] = """
        inputs: {coarse: [N, 256, H, W], fine: [N, 256, 200, 304]}
        layers:
          - {name: twice, type: Upsample, scale: 2, bottom: coarse}
          - {name: alike, type: Upsample, mode: BILINEAR, bottom: [coarse, fine]}
        outputs: [twice, alike]
    """
    synonyms: ClassVar[tuple[str, ...]] = (
        "Resize",
        "Interp",
        "Interpolate",
        "interpolate",
        "UpSampling1D",
        "UpSampling2D",
        "UpSampling3D",
        "UpsamplingNearest2d",
        "UpsamplingBilinear2d",
        "Resizing",
        "Upsampling",
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "scale_factor": "scale",
        "scales": "scale",
        "zoom_factor": "scale",
        "sizes": "size",
        "height": "size",
        "width": "size",
        "upsample_h": "size",
        "upsample_w": "size",
        "interpolation": "mode",
    }
    synonym_notes: ClassVar[dict[str, str]] = {
        "Interp": "with `mode: BILINEAR, align_corners: true`",
        "UpsamplingBilinear2d": "with `mode: BILINEAR, align_corners: true`",
        "UpsamplingNearest2d": "with `mode: NEAREST`",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "scales": "write `scale`, a number or one for each spatial axis, without those of batch "
        "and channels",
        "sizes": "write `size`, one for each spatial axis, without those of batch and channels",
        **dict.fromkeys(
            ("height", "width", "upsample_h", "upsample_w"), "write `size: [height, width]`"
        ),
    }
    value_synonyms: ClassVar[dict[str, dict[str, str]]] = {
        "mode": {"NEAREST-EXACT": "NEAREST", "NEAREST_NEIGHBOR": "NEAREST"}
    }

    scale: Extents | None = Field(None, description="factors of the spatial axes")
    size: SymbolicExtents | None = Field(None, description="the top's spatial axes")
    mode: UpsampleMode = Field("NEAREST", description="how elements in between are made")
    align_corners: bool = Field(False, description="interpolation: whether corners stay in place")

    def check(self) -> Iterator[LayerError]:
        if self.scale is not None and self.size is not None:
            yield LayerError(
                "field-conflict", "Upsample takes `scale` or `size`, not both", field="size"
            )
        if self.align_corners and self.mode == "NEAREST":
            yield LayerError(
                "field-conflict",
                "`align_corners` has no meaning with `mode: NEAREST`",
                field="align_corners",
            )

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        if bottom:
            return UNREAD
        sizes = enumerate(zip(bottoms[0].shape[2:], tops[0].shape[2:], strict=True), start=2)
        if self.mode == "NEAREST":
            steps = [nearest(axis, *pair) for axis, pair in sizes]
        else:
            steps = [linear(axis, *pair, self.align_corners) for axis, pair in sizes]
        return (Along(0), Along(1), *steps)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = require_spatial(self, bottoms)
        axes = shape.rank - 2
        if self.mode not in ("NEAREST", LINEAR[axes - 1]):
            along = counted(LINEAR.index(self.mode) + 1, "spatial axis")
            raise LayerError(
                "bad-value",
                f"{self.mode} interpolates along {along}, but {{0}}, {shape}, has {axes}",
                field="mode",
                help=f"the same for this bottom is `mode: {LINEAR[axes - 1]}`",
            )
        sizes = self._sizes(bottoms, shape)
        return (bottoms[0].with_shape(*shape[:2], *sizes),)

    def _sizes(self, bottoms: Types, shape: Shape) -> list[Size]:
        """The top's spatial axes."""
        require_extents(self, shape, scale=self.scale, size=self.size)
        axes = shape.rank - 2
        if len(bottoms) == 2:
            name = "scale" if self.scale is not None else "size"
            if self.scale is not None or self.size is not None:
                raise LayerError(
                    "field-conflict",
                    f"Upsample takes `{name}` or a second bottom, not both",
                    field=name,
                )
            wanted = require_spatial(self, bottoms, 1)
            if wanted.rank != shape.rank:
                raise LayerError(
                    "shape-mismatch",
                    f"Upsample needs bottoms with equally many axes, got {shape} and {wanted}",
                    bottom=1,
                )
            return [*wanted[2:]]
        if self.size is not None:
            help = "a second bottom gives its size: `bottom: [{0}, other]`"
            require_told(self, "size", sizes_in(self.size), bottoms, help)
            return [*spread(self.size, axes)]
        if self.scale is None:
            raise LayerError("missing-field", "Upsample needs `scale`, `size` or a second bottom")
        factors = spread(self.scale, axes)
        return [size * factor for size, factor in zip(shape[2:], factors, strict=True)]

    def conditions(self, bottoms: Types) -> Iterator[Condition]:
        yield from at_least(1, "size", sizes_in(self.size))

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({KINDS[self.mode]: tops[0].shape.elements})

    def brief(self, bottoms: Types) -> str:
        way = self.mode.lower()
        if self.scale is not None:
            return f"{way}{step(self.scale, bottoms, '×').removeprefix(',')}"
        return f"{way} resize"


REARRANGED = "along one or three axes `Reshape`, `Permute` and `Reshape` do the same"


class PixelShuffle(MovingLayer):
    """Make of r² channels one that is r times as high and wide: sub-pixel convolution's last step.

    With r = `upscale_factor`, channel c of the top takes its row i·r + y, column j·r + x from row
    i, column j of the bottom's channel c·r² + y·r + x.
    """

    source: ClassVar[str] = "Shi et al. 2016, Real-time single image super-resolution; PyTorch"
    shape_rule: ClassVar[str] = "N×(C / r²)×(r·H)×(r·W)"
    example: ClassVar[str] = """
        inputs: {data: [N, 12, H, W]}
        layers:
          - {name: image, type: PixelShuffle, upscale_factor: 2}
    """
    elements: ClassVar[tuple[Elements, ...]] = (REALS,)
    synonyms: ClassVar[tuple[str, ...]] = ("pixel_shuffle",)
    field_synonyms: ClassVar[dict[str, str]] = {
        "blocksize": "upscale_factor",
        "r": "upscale_factor",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "mode": "leave out `mode: CRD`, as the channels stand here; `netspec layers "
        "DepthToSpace` has DCR"
    }

    upscale_factor: Count = Field(description="how many times as high and wide")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        factor = self.upscale_factor
        places = [resized(axis, 1, factor, between=False) for axis in (2, 3)]
        return (Along(0), sliding(1, factor**2, factor**2, 0), *places)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        batch, channels, height, width = require_image(self, bottoms, help=REARRANGED)
        factor = self.upscale_factor
        known = require_known(self, "the number of channels", channels)
        if known % factor**2:
            raise LayerError(
                "shape-mismatch",
                f"PixelShuffle needs a multiple of {factor}² = {factor**2} channels, but reads "
                f"{known}",
                field="upscale_factor",
            )
        sizes = known // factor**2, height * factor, width * factor
        return (bottoms[0].with_shape(batch, *sizes),)


class ChannelShuffle(MovingLayer):
    """Mix the channels of groups: ShuffleNet's step between grouped convolutions.

    The channels are written row by row into a table of `group` rows and read column by column:
    channel k·group + g of the top is channel g·(C / group) + k of the bottom.
    """

    source: ClassVar[str] = "Zhang et al. 2018, ShuffleNet; Caffe forks' ShuffleChannel; PyTorch"
    shape_rule: ClassVar[str] = "the bottom's shape; `group` must divide the channels"
    example: ClassVar[str] = """
        inputs: {data: [N, 24, 28, 28]}
        layers:
          - {name: shuffle, type: ChannelShuffle, group: 3}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("ShuffleChannel", "channel_shuffle")
    field_synonyms: ClassVar[dict[str, str]] = {"groups": "group"}

    group: Count = Field(description="how many groups the channels come from")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        return pointwise_but(bottoms[0].shape.rank, (1,), Among((1,)))

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = require_spatial(self, bottoms)
        channels = require_known(self, "the number of channels", shape[1])
        if channels % self.group:
            raise LayerError(
                "group-mismatch",
                f"`group` must divide the bottom's channels; {counted(channels, 'channel')} "
                f"can't be split into {self.group} groups",
                field="group",
            )
        return (bottoms[0],)
