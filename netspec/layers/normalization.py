"""Layers that bring activations to mean 0 and deviation 1, or to length 1."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from netspec.graph.fillers import ONES, ZEROS, Filler
from netspec.graph.reach import EVERY, POINTWISE, Reach
from netspec.graph.scales import ChannelScale
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError, Lint, Weight
from netspec.layers.base import ElementwiseLayer, Giver, Types
from netspec.layers.bottoms import require_known
from netspec.layers.filling import check_bilinear
from netspec.layers.sliding import pointwise_but


class BatchNorm(ElementwiseLayer):
    """Normalize each channel over the batch and all positions, then scale and shift it.

    y = (x − mean) / sqrt(variance + eps) · weight + bias. In the TRAIN phase mean and (biased)
    variance are the batch's, and running statistics follow them: running = f · running + (1 − f) ·
    batch with f = `moving_average_fraction`, the variance unbiased; PyTorch's momentum is 1 − f.
    In the TEST phase the running statistics are used. `use_global_stats: true` uses them in both
    phases and never changes them; `false` uses the batch's in both, and holds no others.

    Unlike Caffe's, the layer holds scale and shift itself unless `affine` is false, its running
    statistics are averages (Caffe's are sums, with the factor to divide them by in a third blob),
    and its defaults are PyTorch's.
    """

    family: ClassVar[str] = "normalization"
    overwritable: ClassVar[bool] = True
    spatial: ClassVar[bool] = True
    source: ClassVar[str] = "Ioffe and Szegedy 2015; PyTorch's BatchNorm1d, 2d and 3d"
    weights_rule: ClassVar[str] = (
        "weight and bias: C each, unless `affine` is false; unless `use_global_stats` is false the "
        "buffers running_mean and running_var: C each, and num_batches_tracked: a scalar"
    )
    flops_rule: ClassVar[str] = (
        "2 for each element: in the TEST phase the statistics, scale and shift are one product and "
        "one sum; with `use_global_stats: false` 5, 2 more if affine, and 2 for each channel: as "
        "MVN over a batch of one"
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "BatchNorm2d",
        "BatchNorm1d",
        "BatchNorm3d",
        "BatchNormalization",
        "BN",
        "InPlaceABN",
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "epsilon": "eps",
        "momentum": "moving_average_fraction",
        "scale_bias": "affine",
        "track_running_stats": "use_global_stats",
    }
    synonym_notes: ClassVar[dict[str, str]] = {"InPlaceABN": "and its activation a layer behind"}
    field_notes: ClassVar[dict[str, str]] = {
        "momentum": "write `moving_average_fraction`: 1 less PyTorch's `momentum`, or Keras' "
        "and ONNX's as it is",
        "track_running_stats": "leave it out; `track_running_stats: false` is "
        "`use_global_stats: false`",
        "gamma_initializer": "leave it out: fresh factors are 1",
        "beta_initializer": "leave it out: fresh offsets are 0",
        "center": "`affine` says both, whether to scale and to shift",
        "scale": "`affine` says both, whether to scale and to shift",
    }

    eps: float = Field(1e-5, ge=0, description="added to the variance")
    moving_average_fraction: float = Field(
        0.9, ge=0, le=1, description="what running statistics keep of themselves at each step"
    )
    affine: bool = Field(True, description="whether to scale and shift by learned values")
    use_global_stats: bool | None = Field(
        None, description="running statistics in both phases, or in neither; left out: in TEST"
    )

    @property
    def takes_statistics(self) -> bool:
        return not self.use_global_stats

    @property
    def saturates(self) -> bool:
        """With a batch's own statistics no shift and no scale of the bottom is seen."""
        return self.use_global_stats is False

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        if self.use_global_stats is not False:
            return POINTWISE
        rank = bottoms[0].shape.rank
        return pointwise_but(rank, (0, *range(2, rank)), EVERY)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        if not 2 <= shape.rank <= 5:
            raise LayerError(
                "shape-mismatch",
                f"BatchNorm needs a bottom of two to five axes, N×C×…, but reads {shape}",
                bottom=0,
            )
        require_known(self, "the number of channels", shape[1])
        return super().outputs(bottoms)

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        channels = require_known(self, "the number of channels", bottoms[0].shape[1])
        shape = (channels,)
        learned = (Weight("weight", shape, ONES), Weight("bias", shape, ZEROS))
        running = (
            Weight("running_mean", shape, ZEROS, buffer=True),
            Weight("running_var", shape, ONES, buffer=True),
            Weight("num_batches_tracked", (), ZEROS, buffer=True, dtype="int64"),
        )
        return (learned if self.affine else ()) + (
            () if self.use_global_stats is False else running
        )

    @property
    def scales_channels(self) -> bool:
        return self.affine

    @property
    def scale_in_test(self) -> ChannelScale | None:
        if self.use_global_stats is False:
            return None
        factor, shift = ("weight", "bias") if self.affine else (None, None)
        return ChannelScale("running_mean", "running_var", factor, shift, self.eps)

    def lints(self, bottoms: Types, givers: Sequence[Giver | None]) -> Iterable[Lint]:
        giver = givers[0]
        if giver is not None and giver.alone and giver.layer.adds_bias:
            yield Lint(
                "bias-before-batchnorm",
                "the bias of `{0}` is taken away again by `{here}`",
                "give the layer `bias_term: false`",
                bottom=0,
            )

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = tops[0].shape
        if self.use_global_stats is not False:
            kind = Kind.BATCH_NORM if self.affine else Kind.BATCH_NORM_PLAIN
            return Work({kind: shape.elements})
        kind = Kind.BATCH_STATISTICS if self.affine else Kind.BATCH_STATISTICS_PLAIN
        return Work({kind: shape.elements, Kind.NORMALIZATION: 2 * shape[1]})

    def brief(self, bottoms: Types) -> str:
        return "BN"


class MVN(ElementwiseLayer):
    """Mean-variance normalization: each channel of each sample gets mean 0 and deviation 1.

    y = (x − mean) / (sqrt(variance) + eps), mean and (biased) variance of the channel's image, or
    with `across_channels` of the whole sample. eps is added to the deviation, not to the variance
    as in BatchNorm or PyTorch's InstanceNorm. `normalize_variance: false` subtracts the mean alone.
    """

    family: ClassVar[str] = "normalization"
    source: ClassVar[str] = "Caffe's mvn_layer.cpp"
    flops_rule: ClassVar[str] = (
        "5n + 2 for each group of n elements: their mean (n), n subtractions, their variance (2n), "
        "a root, eps and n divisions; without the variance 2n"
    )
    synonyms: ClassVar[tuple[str, ...]] = ("MeanVarianceNormalization",)
    synonym_notes: ClassVar[dict[str, str]] = {
        "MeanVarianceNormalization": "(of each sample by itself)"
    }
    saturates: ClassVar[bool] = True

    normalize_variance: bool = Field(True, description="whether to divide by the deviation")
    across_channels: bool = Field(False, description="one mean for all channels of a sample")
    eps: float = Field(1e-9, ge=0, description="added to the deviation")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        return pointwise_but(rank, range(self.first_axis, rank), EVERY)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        if shape.rank < self.first_axis + 1:
            least = "two" if self.across_channels else "three"
            raise LayerError(
                "shape-mismatch",
                f"MVN needs a bottom of {least} axes or more, N×C×…, but reads {shape}",
                bottom=0,
                help="`across_channels: true` normalizes vectors" if shape.rank == 2 else None,
            )
        return super().outputs(bottoms)

    @property
    def first_axis(self) -> int:
        """The first axis of a group; the others follow."""
        return 1 if self.across_channels else 2

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = tops[0].shape
        if not self.normalize_variance:
            return Work({Kind.NORMALIZATION: 2 * shape.elements})
        return Work(
            {Kind.NORMALIZATION: 5 * shape.elements + 2 * shape[: self.first_axis].elements}
        )


class Normalize(ElementwiseLayer):
    """Scale vectors to length 1, then by learned factors: L2 normalization as in SSD.

    y = x / sqrt(Σ x² + eps) · weight. The sum runs over the whole sample, or without
    `across_spatial` over the channels at each position. `weight` holds 1 factor, or without
    `channel_shared` one for each channel. (SSD's conv4_3 has both false and fills with 20.)
    """

    family: ClassVar[str] = "normalization"
    source: ClassVar[str] = (
        "Liu et al. 2015, ParseNet; the SSD branch of Caffe, normalize_layer.cpp"
    )
    weights_rule: ClassVar[str] = "weight: 1, without `channel_shared` C"
    flops_rule: ClassVar[str] = (
        "4n + 1 for each sum of n squares: n squares, n − 1 additions, eps, a root, n divisions "
        "and n products"
    )
    example: ClassVar[str] = """
        inputs: {data: [N, 512, 38, 38]}
        layers:
          - {name: conv4_3_norm, type: Normalize, across_spatial: false, channel_shared: false,
             scale_filler: {type: constant, value: 20}}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("L2Norm",)
    synonym_notes: ClassVar[dict[str, str]] = {
        "L2Norm": "(`across_spatial: false` takes each position by itself)"
    }
    field_synonyms: ClassVar[dict[str, str]] = {
        "epsilon": "eps",
        "weight_filler": "scale_filler",
        "filler": "scale_filler",
    }
    saturates: ClassVar[bool] = True

    across_spatial: bool = Field(True, description="one length for all positions of a sample")
    scale_filler: Filler = Field(ONES, description="how fresh factors are drawn")
    channel_shared: bool = Field(True, description="one factor for all channels")
    eps: float = Field(1e-10, ge=0, description="added to the sum of squares")

    def check(self) -> Iterator[LayerError]:
        yield from check_bilinear("scale_filler", self.scale_filler, [None])

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        return pointwise_but(rank, range(1, rank if self.across_spatial else 2), EVERY)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        if shape.rank < 2:
            raise LayerError(
                "shape-mismatch",
                f"Normalize needs a bottom of two axes or more, N×C×…, but reads {shape}",
                bottom=0,
            )
        self.factors(bottoms)
        return super().outputs(bottoms)

    def factors(self, bottoms: Types) -> int:
        """How many factors there are."""
        if self.channel_shared:
            return 1
        return require_known(self, "the number of channels", bottoms[0].shape[1])

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        return (Weight("weight", (self.factors(bottoms),), self.scale_filler),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = tops[0].shape
        sums = shape[:1].elements if self.across_spatial else shape.replace(1, 1).elements
        return Work({Kind.NORMALIZATION: 4 * shape.elements + sums})
