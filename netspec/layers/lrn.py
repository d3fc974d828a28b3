"""Normalization of an element by those around it."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.graph.fillers import uppercase
from netspec.graph.reach import EVERY, Along, Reach, Step
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import ElementwiseLayer, Types
from netspec.layers.bottoms import require_image, require_spatial
from netspec.layers.elements import Elements
from netspec.layers.fields import Count
from netspec.layers.sliding import pointwise_but, sliding

NormRegion = Annotated[Literal["ACROSS_CHANNELS", "WITHIN_CHANNEL"], BeforeValidator(uppercase)]

MAX_WINDOW = 2**11 - 1
"""The height and width of LCN's largest window, whose weights every target writes or makes."""


class LRN(ElementwiseLayer):
    """Local response normalization: divide by the activity around an element.

    ACROSS_CHANNELS: y = x / (k + alpha/n · Σ x²)^beta, the sum over the n = `local_size` channels
    around x's own. WITHIN_CHANNEL: y = x / (1 + alpha/m · Σ x²)^beta, the sum over the m elements
    of x's own channel in the window around it, n along each spatial axis (m is n² for an image);
    the constant is 1 and `k` is ignored, as in Caffe.

    Beyond the first and the last channel, and beyond the border, there are zeros, and the divisor
    stays n or m. alpha is divided by n, as in Caffe, PyTorch and ONNX (the paper's formula
    does not divide).
    """

    family: ClassVar[str] = "normalization"
    spatial: ClassVar[bool] = True
    source: ClassVar[str] = "Krizhevsky et al. 2012, section 3.3; Caffe's lrn_layer.cpp"
    flops_rule: ClassVar[str] = (
        "m + 4 for each element, m = local_size, WITHIN_CHANNEL local_size to the power of the "
        "spatial axes: a square, m − 1 additions, a product, the constant added, a power and a "
        "division"
    )
    # PyTorch's CPU has no sum across channels in half precision, ONNX Runtime's none in double.
    elements: ClassVar[tuple[Elements, ...]] = (frozenset(("float32",)),)
    nonfinite: ClassVar[str | None] = (
        "ONNX Runtime moves its sum from channel to channel, so that what isn't finite in one "
        "makes channels behind it NaN too"
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "LocalResponseNorm",
        "local_response_norm",
        "CrossMapLRN2d",
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "size": "local_size",
        "bias": "k",
        "n": "local_size",
    }
    value_synonyms: ClassVar[dict[str, dict[str, str]]] = {
        "norm_region": {"ACROSS": "ACROSS_CHANNELS", "WITHIN": "WITHIN_CHANNEL"}
    }

    local_size: Count = Field(5, description="the width of a sum's window; odd")
    alpha: float = Field(1.0, description="the scale, divided by the window's elements")
    beta: float = Field(0.75, description="the exponent")
    norm_region: NormRegion = Field("ACROSS_CHANNELS", description="what a sum runs over")
    k: float = Field(1.0, description="the constant; WITHIN_CHANNEL: ignored, it is 1")

    def check(self) -> Iterator[LayerError]:
        yield from _check_size(self.local_size, "sum")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank, half = bottoms[0].shape.rank, self.local_size // 2
        summed = range(2, rank) if self.norm_region == "WITHIN_CHANNEL" else (1,)
        steps: list[Step] = [Along(axis) for axis in range(rank)]
        for axis in summed:
            steps[axis] = sliding(axis, self.local_size, 1, half)
        return tuple(steps)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        require_spatial(self, bottoms)
        return super().outputs(bottoms)

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = tops[0].shape
        axes = shape.rank - 2 if self.norm_region == "WITHIN_CHANNEL" else 1
        window: int = self.local_size**axes
        return Work({Kind.NORMALIZATION: shape.elements * (window + 4)})


class LCN(ElementwiseLayer):
    """Local contrast normalization: subtract the mean around an element, divide by the deviation.

    With w a Gaussian window of `local_size`² elements and standard deviation `std` over all
    channels, of the sum 1:

    - v = x − Σ w · x (subtractive),
    - σ = sqrt(max(Σ w · v², eps²)), one for each position, the same for all channels,
    - y = v / max(σ, c), c the mean of σ over the image (divisive).

    The sums run over the window around a position in all channels; beyond the border there are
    zeros. The paper has no eps, which keeps an image without contrast from dividing by 0.
    """

    family: ClassVar[str] = "normalization"
    source: ClassVar[str] = (
        "Jarrett et al. 2009, What is the Best Multi-Stage Architecture for Object Recognition?; "
        "its window is 9×9; std and eps: Pylearn2"
    )
    flops_rule: ClassVar[str] = (
        "5 for each element: a subtraction, a square, a division and two means over the channels; "
        "4·local_size² + 2 for each position: two windows of local_size² products and one addition "
        "less, the maximum with eps², a root, an addition for c and the maximum with c"
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "LocalContrastNormalization",
        "SpatialContrastiveNormalization",
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "kernel_size": "local_size",
        "sigma": "std",
        "threshold": "eps",
    }

    local_size: Count = Field(9, description="the window's height and width; odd, at most 2047")
    std: float = Field(2.0, gt=0, description="the Gaussian's standard deviation, in elements")
    eps: float = Field(1e-4, gt=0, description="the least deviation to divide by")

    def check(self) -> Iterator[LayerError]:
        yield from _check_size(self.local_size, "window")
        if self.local_size > MAX_WINDOW:
            yield LayerError(
                "bad-value",
                f"`local_size` should be at most {MAX_WINDOW}, not {self.local_size}: LCN holds a "
                "number for each element of its window",
                field="local_size",
            )

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        # For the mean deviation over the image.
        return pointwise_but(4, (1, 2, 3), EVERY)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        require_image(self, bottoms)
        return super().outputs(bottoms)

    def work(self, bottoms: Types, tops: Types) -> Work:
        positions = tops[0].shape.replace(1, 1).elements
        return Work(
            {
                Kind.NORMALIZATION: 5 * tops[0].shape.elements
                + positions * (4 * self.local_size**2 + 2)
            }
        )


def _check_size(local_size: int, what: str) -> Iterator[LayerError]:
    if local_size % 2 == 0:
        yield LayerError(
            "bad-value",
            f"`local_size` must be odd: the {what} has the element in its middle; got {local_size}",
            field="local_size",
        )
