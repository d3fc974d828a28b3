"""Scale and Bias: a blob stretched over another, learned or the second bottom."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import Field

from netspec.counted import counted
from netspec.graph.bounds import equal
from netspec.graph.fillers import ONES, ZEROS, Filler
from netspec.graph.reach import POINTWISE, Reach
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError, Lint, Weight
from netspec.layers.base import Giver, Layer, Types
from netspec.layers.bottoms import require_known, resolve_axis
from netspec.layers.filling import check_bilinear
from netspec.layers.sliding import stretched

TO_THE_END = -1
"""The `num_axes` that stands for all axes from `axis` on."""

LEARNED_ONLY = ("num_axes", "filler")
"""Fields that say nothing where the stretched blob is the second bottom."""


class Stretching(Layer):
    """The base of the two: which axes of the first bottom the stretched blob covers."""

    family: ClassVar[str] = "normalization"
    shape_rule: ClassVar[str] = "the first bottom's shape"
    bottom_count: ClassVar[tuple[int, int | None]] = (1, 2)
    one_type: ClassVar[bool] = True

    axis: int = Field(1, description="the first axis that is matched; negative: from the back")
    num_axes: int = Field(
        1, ge=TO_THE_END, description="one bottom: axes of the learned blob; -1: to the end"
    )

    def first_axis(self, bottoms: Types) -> int:
        """The first axis of the first bottom that the stretched blob covers."""
        shape = bottoms[0].shape
        if len(bottoms) == 2 and bottoms[1].shape.rank in (0, shape.rank):
            return 0
        if len(bottoms) == 1 and self.num_axes == 0:
            return 0
        return resolve_axis(self, self.axis, shape)

    def covered(self, bottoms: Types) -> Shape:
        """The shape of the stretched blob."""
        shape = bottoms[0].shape
        if len(bottoms) == 2:
            return bottoms[1].shape
        first = self.first_axis(bottoms)
        end = shape.rank if self.num_axes == TO_THE_END else first + self.num_axes
        if end > shape.rank:
            raise LayerError(
                "bad-axis",
                f"{self.type_name} covers {counted(self.num_axes, 'axis')} from axis {first} on, "
                f"but its bottom {shape} has {counted(shape.rank, 'axis')}",
                field="num_axes",
            )
        return shape[first:end]

    def trailing(self, bottoms: Types) -> int:
        """How many axes of the first bottom follow those that the stretched blob covers."""
        covered = self.covered(bottoms).rank
        return bottoms[0].shape.rank - self.first_axis(bottoms) - covered if covered else 0

    def learned_shape(self, bottoms: Types) -> tuple[int, ...]:
        """The covered axes' sizes, for a learned blob of that shape."""
        first = self.first_axis(bottoms)
        return tuple(
            require_known(self, f"the size of axis {first + number}", size)
            for number, size in enumerate(self.covered(bottoms))
        )

    def learned(self, suffix: str, field: str, bottoms: Types) -> Weight:
        """A learned blob, drawn as the filler in that field says."""
        shape, filler = self.learned_shape(bottoms), getattr(self, field)
        for error in check_bilinear(field, filler, shape):
            raise error
        return Weight(suffix, shape, filler)

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        if bottom == 0:
            return POINTWISE
        first = self.first_axis(bottoms)
        return tuple(stretched(bottoms[1].shape, tops[0].shape[first:], first))

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        if len(bottoms) == 2:
            self._check_second(bottoms)
        self.weights(bottoms)
        return (bottoms[0],)

    def _check_second(self, bottoms: Types) -> None:
        for name in LEARNED_ONLY:
            if getattr(self, name) != type(self).model_fields[name].default:
                raise LayerError(
                    "field-conflict",
                    f"`{name}` has no meaning with two bottoms: the second is what is stretched",
                    field=name,
                )
        whole, stretched = bottoms[0].shape, bottoms[1].shape
        first = self.first_axis(bottoms)
        pairs = list(zip(whole[first:], stretched, strict=False))
        fits = all(two == 1 or equal(one, two) for one, two in pairs)
        if len(pairs) != stretched.rank or not fits:
            raise LayerError(
                "shape-mismatch",
                f"{self.type_name} can't stretch {{1}}, {stretched}, over {{0}}, {whole}, from "
                f"axis {first} on",
                bottom=1,
                help="sizes must be equal or 1; `axis` says with which axis they begin",
            )


class Scale(Stretching):
    """Multiply by a blob that is stretched over the bottom.

    With one bottom that blob is learned. Its shape is that of the bottom's `num_axes` axes from
    `axis` on (-1: all to the end; 0: a scalar), by default the channels. With two bottoms it is the
    second: its axes are matched with the first one's from `axis` on, or from 0 if it has as many
    (or none); sizes must be equal or 1. (Caffe's must be equal.)

    `bias_term` adds a learned bias of the stretched blob's shape, with two bottoms too.
    """

    source: ClassVar[str] = "Caffe's scale_layer.cpp"
    weights_rule: ClassVar[str] = (
        "weight, with one bottom: the sizes of the axes covered; bias, if `bias_term`: the same"
    )
    flops_rule: ClassVar[str] = "1 for each element, 2 with a bias"
    example: ClassVar[str] = """
        inputs: {data: [N, 64, 56, 56]}
        layers:
          - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
          - {name: gate, type: Sigmoid}
          - {name: gated, type: Scale, bottom: [data, gate]}
          - {name: scale, type: Scale, bias_term: true}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("LayerScale", "Affine")
    field_synonyms: ClassVar[dict[str, str]] = {
        "weight_filler": "filler",
        "scale_filler": "filler",
        "bias": "bias_term",
    }
    synonym_notes: ClassVar[dict[str, str]] = {
        "LayerScale": "(its learned factors are one for each channel)",
        "Affine": "with `bias_term: true`",
    }

    filler: Filler = Field(ONES, description="how fresh factors are drawn")
    bias_term: bool = Field(False, description="whether to add a learned bias")
    bias_filler: Filler = Field(ZEROS, description="how fresh biases are drawn")

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        found: tuple[Weight, ...] = ()
        if len(bottoms) == 1:
            found += (self.learned("weight", "filler", bottoms),)
        if self.bias_term:
            found += (self.learned("bias", "bias_filler", bottoms),)
        return found

    def lints(self, bottoms: Types, givers: Sequence[Giver | None]) -> Iterable[Lint]:
        giver = givers[0]
        learned = len(givers) == 1 and (self.axis, self.num_axes) == (1, 1)
        if learned and giver is not None and giver.alone and giver.layer.scales_channels:
            yield Lint(
                "scaled-twice",
                "`{here}` scales channels that `{0}` has scaled already",
                "leave it out, or give the layer before it `affine: false`; Caffe's BatchNorm "
                "doesn't scale, netspec's does",
            )

    def work(self, bottoms: Types, tops: Types) -> Work:
        elements = tops[0].shape.elements
        return Work({Kind.ELEMENTWISE: elements, Kind.BIAS: elements if self.bias_term else 0})


class Bias(Stretching):
    """Add a blob that is stretched over the bottom.

    With one bottom that blob is learned. Its shape is that of the bottom's `num_axes` axes from
    `axis` on (-1: all to the end; 0: a scalar), by default the channels. With two bottoms it is the
    second: its axes are matched with the first one's from `axis` on, or from 0 if it has as many
    (or none); sizes must be equal or 1. (Caffe's must be equal.)
    """

    source: ClassVar[str] = "Caffe's bias_layer.cpp"
    weights_rule: ClassVar[str] = "bias, with one bottom: the sizes of the axes covered"
    flops_rule: ClassVar[str] = "1 for each element"
    example: ClassVar[str] = """
        inputs: {data: [N, 64, 56, 56]}
        layers:
          - {name: bias, type: Bias}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("BiasAdd",)
    field_synonyms: ClassVar[dict[str, str]] = {"bias_filler": "filler"}

    filler: Filler = Field(ZEROS, description="how fresh biases are drawn")

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        if len(bottoms) == 2:
            return ()
        return (self.learned("bias", "filler", bottoms),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.BIAS: tops[0].shape.elements})
