"""Layers that bring activations to a common scale."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.graph.fillers import ONES, ZEROS, upper
from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.layers.base import (
    ElementwiseLayer,
    LayerError,
    Types,
    Weight,
    require_image,
    require_known,
)
from netspec.layers.fields import Count

NormRegion = Annotated[Literal["ACROSS_CHANNELS"], BeforeValidator(upper)]


class LRN(ElementwiseLayer):
    """Local response normalization: divide by the activity of neighbouring channels.

    y = x / (k + alpha/n · Σ x²)^beta, the sum over the n = `local_size` channels around x's own;
    beyond the first and the last channel there are zeros. alpha is divided by n, as in Caffe,
    PyTorch and ONNX (the paper's formula does not divide).
    """

    family: ClassVar[str] = "normalization"
    source: ClassVar[str] = "Krizhevsky et al. 2012, section 3.3; Caffe's lrn_layer.cpp"
    flops_rule: ClassVar[str] = (
        "local_size + 4 for each element: a square, local_size − 1 additions, a product, k added, "
        "a power and a division"
    )
    synonyms: ClassVar[tuple[str, ...]] = ("LocalResponseNorm", "local_response_norm")
    field_synonyms: ClassVar[dict[str, str]] = {
        "size": "local_size",
        "bias": "k",
        "n": "local_size",
    }

    local_size: Count = Field(5, description="channels in a sum; odd")
    alpha: float = Field(1.0, description="the scale, divided by local_size")
    beta: float = Field(0.75, description="the exponent")
    norm_region: NormRegion = Field("ACROSS_CHANNELS", description="what a sum runs over")
    k: float = Field(1.0, description="the constant")

    def check(self) -> Iterator[LayerError]:
        if self.local_size % 2 == 0:
            yield LayerError(
                "bad-value",
                f"`local_size` must be odd: the sum has the element in its middle; got "
                f"{self.local_size}",
                field="local_size",
            )

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        require_image(self, bottoms)
        return (bottoms[0],)

    def flops(self, bottoms: Types, tops: Types) -> Size:
        return tops[0].shape.elements * (self.local_size + 4)


class BatchNorm(ElementwiseLayer):
    """Normalize each channel over the batch, then scale and shift it.

    y = (x − mean) / sqrt(variance + eps) · weight + bias. In the TRAIN phase mean and (biased)
    variance are the batch's, and running statistics follow them: running = f · running + (1 − f) ·
    batch with f = `moving_average_fraction`, the variance unbiased; PyTorch's momentum is 1 − f.
    In the TEST phase the running statistics are used. Unlike Caffe's, the layer holds scale and
    shift itself unless `affine` is false, and its defaults are PyTorch's.
    """

    family: ClassVar[str] = "normalization"
    source: ClassVar[str] = "Ioffe and Szegedy 2015; PyTorch's BatchNorm2d"
    flops_rule: ClassVar[str] = (
        "2 for each element: in the TEST phase the statistics, scale and shift are one product and "
        "one sum"
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "BatchNorm2d",
        "BatchNorm1d",
        "BatchNormalization",
        "BN",
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "epsilon": "eps",
        "momentum": "moving_average_fraction",
        "scale_bias": "affine",
    }

    eps: float = Field(1e-5, ge=0, description="added to the variance")
    moving_average_fraction: float = Field(
        0.9, ge=0, le=1, description="what running statistics keep of themselves at each step"
    )
    affine: bool = Field(True, description="whether to scale and shift by learned values")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        if shape.rank not in (2, 4):
            raise LayerError(
                "shape-mismatch",
                f"BatchNorm needs a bottom N×C or N×C×H×W, but reads {shape}",
                bottom=0,
            )
        require_known(self, "the number of channels", shape[1])
        return (bottoms[0],)

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        channels = require_known(self, "the number of channels", bottoms[0].shape[1])
        shape = (channels,)
        learned = (Weight("weight", shape, ONES), Weight("bias", shape, ZEROS))
        running = (
            Weight("running_mean", shape, ZEROS, buffer=True),
            Weight("running_var", shape, ONES, buffer=True),
            Weight("num_batches_tracked", (), ZEROS, buffer=True, dtype="int64"),
        )
        return (learned if self.affine else ()) + running

    def flops(self, bottoms: Types, tops: Types) -> Size:
        return 2 * tops[0].shape.elements
