"""Spatial pyramid pooling."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.counted import counted
from netspec.graph.fillers import uppercase
from netspec.graph.reach import WHOLE, Reach
from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import require_image
from netspec.layers.sliding import pointwise_but

PyramidMethod = Annotated[Literal["MAX", "AVE"], BeforeValidator(uppercase)]

HIGHEST = 16
"""Levels that are more than any image has rows for."""


class SPP(Layer):
    """Spatial pyramid pooling: a vector of one length, however large the image is.

    Level l of the pyramid, from 0 on, cuts the image into 2^l × 2^l windows of ceil(H / 2^l) ×
    ceil(W / 2^l) and keeps the maximum or the average of each. What these windows cover beyond
    the image is padding, shared out between both sides with the odd element before: never the
    maximum, and counted by an average as zeros. The levels follow one another, each as channels ×
    rows × columns.

    A pyramid so high that windows would lie wholly in padding is refused, as in Caffe; where the
    height or width is symbolic, such windows give −∞ or 0. ONNX needs both to be known. Caffe
    leaves a pyramid of one level N×C×1×1; here it is flattened like any other. Caffe's STOCHASTIC,
    which Caffe itself refuses wherever there is padding, isn't offered.
    """

    family: ClassVar[str] = "pooling"
    source: ClassVar[str] = "He et al. 2014; Caffe's spp_layer.cpp"
    shape_rule: ClassVar[str] = "N × C·(1 + 4 + 16 + …), a term for each level"
    flops_rule: ClassVar[str] = (
        "for each element of the top, MAX: window − 1 comparisons; AVE: window − 1 additions and a "
        "division"
    )
    nonfinite: ClassVar[str | None] = "maxima differ as those of Pooling do"
    example: ClassVar[str] = """
        inputs: {data: [N, 256, H, W]}
        layers:
          - {name: spp, type: SPP, pyramid_height: 3}
          - {name: fc6, type: InnerProduct, num_output: 4096}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("SpatialPyramidPooling",)
    field_synonyms: ClassVar[dict[str, str]] = {"levels": "pyramid_height", "method": "pool"}
    value_synonyms: ClassVar[dict[str, dict[str, str]]] = {
        "pool": {"AVG": "AVE", "MEAN": "AVE", "AVERAGE": "AVE", "MAXIMUM": "MAX"}
    }

    pyramid_height: int = Field(ge=1, le=HIGHEST, description="levels of the pyramid")
    pool: PyramidMethod = Field("MAX", description="the summary of a window")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        return pointwise_but(4, (1, 2, 3), WHOLE)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = require_image(self, bottoms)
        for size in shape[2:]:
            if isinstance(size, int):
                self._check(size)
        return (bottoms[0].with_shape(shape[0], shape[1] * ((4**self.pyramid_height - 1) // 3)),)

    def _check(self, size: int) -> None:
        """Refuse windows that lie wholly in padding."""
        for level in range(self.pyramid_height):
            window, before, _ = pyramid_windows(size, level)
            if before >= window:
                raise LayerError(
                    "bad-value",
                    f"level {level} of the pyramid has {counted(2**level, 'window')} along "
                    f"{counted(size, 'element')}: some would lie wholly in padding",
                    field="pyramid_height",
                    help=f"a height of {level} is the most for this bottom",
                )

    def work(self, bottoms: Types, tops: Types) -> Work:
        batch, channels, height, width = bottoms[0].shape
        total: Size = 0
        for level in range(self.pyramid_height):
            window: Size = _length(height, level) * _length(width, level)
            total = total + 4**level * (window if self.pool == "AVE" else window - 1)
        kind = Kind.AVERAGE_POOLING if self.pool == "AVE" else Kind.MAX_POOLING
        return Work({kind: batch * channels * total})


def pyramid_windows(size: int, level: int) -> tuple[int, int, int]:
    """Along an axis: the length of a window, which is the step too, and the margins before and
    behind. Caffe pads as much behind as before and leaves out the window that would start there.

    >>> pyramid_windows(13, 2)
    (4, 2, 1)
    """
    window = -(-size // 2**level)
    margin = window * 2**level - size
    return window, (margin + 1) // 2, margin // 2


def _length(size: Size, level: int) -> Size:
    windows = 1 << level
    return (size + (windows - 1)) // windows
