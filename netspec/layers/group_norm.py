"""Normalization of each sample by its own statistics, with learned scale and shift."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from netspec.counted import counted
from netspec.graph.fillers import ONES, ZEROS
from netspec.graph.reach import EVERY, Reach
from netspec.graph.sizes import Size
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import Condition, LayerError, Lint, Weight
from netspec.layers.base import ElementwiseLayer, Giver, Layer, Types
from netspec.layers.bottoms import lint_axis, require_known, resolve_axis
from netspec.layers.fields import Count, Integers
from netspec.layers.sliding import pointwise_but

FLOPS_RULE = (
    "5n + 2 for each group of n elements: their mean (n), n subtractions, their variance (2n), "
    "eps, a root and n divisions; 2 more for each element if affine"
)


class GroupNorm(ElementwiseLayer):
    """Normalize groups of channels of each sample, then scale and shift each channel.

    y = (x − mean) / sqrt(variance + eps) · weight + bias, mean and (biased) variance of a sample's
    group of C / `group` neighbouring channels. One group normalizes all channels together, C groups
    each by itself.
    """

    family: ClassVar[str] = "normalization"
    source: ClassVar[str] = "Wu and He 2018; PyTorch's GroupNorm"
    weights_rule: ClassVar[str] = "weight and bias: C each, unless `affine` is false"
    flops_rule: ClassVar[str] = FLOPS_RULE
    example: ClassVar[str] = """
        inputs: {data: [N, 64, 56, 56]}
        layers:
          - {name: norm, type: GroupNorm, group: 32}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("GroupNormalization", "group_norm")
    field_synonyms: ClassVar[dict[str, str]] = {
        "num_groups": "group",
        "groups": "group",
        "epsilon": "eps",
    }
    saturates: ClassVar[bool] = True

    group: Count = Field(description="groups that the channels are split into")
    eps: float = Field(1e-5, ge=0, description="added to the variance")
    affine: bool = Field(True, description="whether to scale and shift by learned values")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        return pointwise_but(rank, range(1, rank), EVERY)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        if shape.rank < 2:
            raise LayerError(
                "shape-mismatch",
                f"GroupNorm needs a bottom of two axes or more, N×C×…, but reads {shape}",
                bottom=0,
            )
        channels = require_known(self, "the number of channels", shape[1])
        if channels % self.group:
            raise LayerError(
                "group-mismatch",
                f"`group` must divide the bottom's channels; {counted(channels, 'channel')} "
                f"can't be split into {self.group} groups",
                field="group",
            )
        return super().outputs(bottoms)

    def conditions(self, bottoms: Types) -> Iterator[Condition]:
        shape = bottoms[0].shape
        elements = shape[1] // self.group * shape[2:].elements
        yield _several(self, shape, elements, field="group")

    @property
    def scales_channels(self) -> bool:
        return self.affine

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        return _affine(bottoms[0].shape[1:2]) if self.affine else ()

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = tops[0].shape
        kind = Kind.GROUP_NORM if self.affine else Kind.GROUP_NORM_PLAIN
        return _work(kind, shape, shape[0] * self.group)

    def brief(self, bottoms: Types) -> str:
        return "GN"


class InstanceNorm(ElementwiseLayer):
    """Normalize each channel of each sample; scale and shift it if `affine`.

    y = (x − mean) / sqrt(variance + eps), mean and (biased) variance over the channel's positions;
    in both phases. As in PyTorch nothing is learned unless `affine` is set.
    """

    family: ClassVar[str] = "normalization"
    spatial: ClassVar[bool] = True
    source: ClassVar[str] = "Ulyanov et al. 2016; PyTorch's InstanceNorm1d, 2d and 3d"
    weights_rule: ClassVar[str] = "weight and bias: C each, if `affine`"
    flops_rule: ClassVar[str] = FLOPS_RULE
    synonyms: ClassVar[tuple[str, ...]] = (
        "InstanceNorm2d",
        "InstanceNorm1d",
        "InstanceNorm3d",
        "InstanceNormalization",
        "instance_norm",
    )
    field_synonyms: ClassVar[dict[str, str]] = {"epsilon": "eps"}
    field_notes: ClassVar[dict[str, str]] = {
        "track_running_stats": "leave it out: the statistics are always the sample's own"
    }
    saturates: ClassVar[bool] = True

    eps: float = Field(1e-5, ge=0, description="added to the variance")
    affine: bool = Field(False, description="whether to scale and shift by learned values")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        return pointwise_but(rank, range(2, rank), EVERY)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        if not 3 <= shape.rank <= 5:
            raise LayerError(
                "shape-mismatch",
                f"InstanceNorm needs a bottom of three to five axes, N×C×…, but reads {shape}",
                bottom=0,
            )
        require_known(self, "the number of channels", shape[1])
        return super().outputs(bottoms)

    def conditions(self, bottoms: Types) -> Iterator[Condition]:
        shape = bottoms[0].shape
        yield _several(self, shape, shape[2:].elements, bottom=0)

    @property
    def scales_channels(self) -> bool:
        return self.affine

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        return _affine(bottoms[0].shape[1:2]) if self.affine else ()

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = tops[0].shape
        kind = Kind.INSTANCE_NORM if self.affine else Kind.INSTANCE_NORM_PLAIN
        return _work(kind, shape, shape[:2].elements)

    def brief(self, bottoms: Types) -> str:
        return "IN"


class AxesNorm(ElementwiseLayer):
    """The base of those that normalize over axes of choice: which these are."""

    family: ClassVar[str] = "normalization"
    field_synonyms: ClassVar[dict[str, str]] = {
        "normalized_shape": "axis",
        "dim": "axis",
        "axes": "axis",
        "epsilon": "eps",
        "elementwise_affine": "affine",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "normalized_shape": "write `axis`: which axes are normalized, not their sizes; `axis: "
        "-1` is the last"
    }
    saturates: ClassVar[bool] = True

    axis: Integers = Field(
        1, description="the axis or the list of axes to normalize over; negative: from the back"
    )

    def axes(self, shape: Shape) -> tuple[int, ...]:
        """The axes normalized over, counted from the front, in ascending order."""
        given = self.axis if isinstance(self.axis, list) else [self.axis]
        axes = sorted({resolve_axis(self, axis, shape) for axis in given})
        if not axes or len(axes) < len(given):
            wrong = "names an axis twice" if axes else "is empty"
            raise LayerError("bad-axis", f"{self.type_name}'s `axis` {wrong}", field="axis")
        return tuple(axes)

    def sizes(self, shape: Shape) -> tuple[int, ...]:
        """The sizes of those axes."""
        return tuple(
            require_known(self, f"the size of axis {axis}", shape[axis])
            for axis in self.axes(shape)
        )

    def groups(self, shape: Shape) -> Size:
        """How many groups of elements are normalized, each by itself."""
        for axis in self.axes(shape):
            shape = shape.replace(axis, 1)
        return shape.elements

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        shape = bottoms[0].shape
        return pointwise_but(shape.rank, self.axes(shape), EVERY)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        self.sizes(bottoms[0].shape)
        return super().outputs(bottoms)


class LayerNorm(AxesNorm):
    """Normalize over an axis, or over several together, then scale and shift.

    y = (x − mean) / sqrt(variance + eps) · weight + bias, mean and (biased) variance over the axes
    of `axis`, whose sizes, in their order, are the shape of weight and bias. The default is the
    channels alone, at each position of an image by itself, as in ConvNeXt; `axis: [1, 2, 3]` is the
    whole sample, `axis: -1` PyTorch's LayerNorm over the last axis. Their sizes must be known.
    """

    source: ClassVar[str] = "Ba et al. 2016; PyTorch's LayerNorm; channels: Liu et al. 2022"
    weights_rule: ClassVar[str] = (
        "weight and bias: the sizes of the normalized axes, unless `affine` is false"
    )
    flops_rule: ClassVar[str] = FLOPS_RULE
    example: ClassVar[str] = """
        inputs: {data: [N, 64, 56, 56]}
        layers:
          - {name: norm, type: LayerNorm, eps: 1e-6}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("LayerNormalization", "LayerNorm2d", "layer_norm")
    synonym_notes: ClassVar[dict[str, str]] = {"LayerNorm2d": "with `axis: 1`"}
    stated: ClassVar[tuple[str, ...]] = ("axis",)

    eps: float = Field(1e-5, ge=0, description="added to the variance")
    affine: bool = Field(True, description="whether to scale and shift by learned values")

    def features(self, shape: Shape) -> int | None:
        return shape.rank - 1 if self.axes(shape) == (shape.rank - 1,) else None

    def lints(self, bottoms: Types, givers: Sequence[Giver | None]) -> Iterable[Lint]:
        return lint_axis(self, bottoms, "normalizes over axis 1")

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        shape = bottoms[0].shape
        return _affine(Shape(self.sizes(shape))) if self.affine else ()

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = tops[0].shape
        kind = Kind.LAYER_NORM if self.affine else Kind.LAYER_NORM_PLAIN
        return _work(kind, shape, self.groups(shape))

    def brief(self, bottoms: Types) -> str:
        return "LN"


def _several(
    layer: Layer, shape: Shape, elements: Size, field: str | None = None, bottom: int | None = None
) -> Condition:
    """That there is more than one element to be normalized together."""
    message = f"{layer.type_name} would normalize single elements of {shape}, which makes all of "
    error = LayerError("shape-mismatch", message + "them 0", field=field, bottom=bottom)
    return Condition(elements - 1, error, told=True)


def _affine(shape: Shape) -> tuple[Weight, ...]:
    """Scale and shift of a shape that `outputs` has found to be known."""
    sizes = tuple(size for size in shape if isinstance(size, int))
    return Weight("weight", sizes, ONES), Weight("bias", sizes, ZEROS)


def _work(kind: Kind, shape: Shape, groups: Size) -> Work:
    """The elements, and eps and a root for each group."""
    return Work({kind: shape.elements, Kind.NORMALIZATION: 2 * groups})
