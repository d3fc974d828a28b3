"""A convolution whose filters differ from place to place."""

from typing import ClassVar

from pydantic import Field

from netspec.graph.fillers import ZEROS, Filler
from netspec.graph.reach import Reach
from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import Weight
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import require_image, require_known
from netspec.layers.extents import require_extents
from netspec.layers.fields import Count, Extents, Paddings, spread
from netspec.layers.sliding import filtering
from netspec.layers.windows import floor_windows
from netspec.layers.words import by, step

SMALL = Filler.model_construct(type="gaussian", std=0.01)


class LocallyConnected(Layer):
    """Multiply the windows of an image by learned filters, at each place by others.

    It is a Convolution whose weights aren't shared between places, as behind the first layers of
    DeepFace, where a face's parts always stand in the same place. The image's size must be known.
    """

    family: ClassVar[str] = "weights"
    source: ClassVar[str] = "Taigman et al. 2014, DeepFace; Keras' LocallyConnected2D"
    shape_rule: ClassVar[str] = (
        "N×num_output×H'×W' with H' = floor((H + 2·pad − kernel_size) / stride) + 1"
    )
    weights_rule: ClassVar[str] = (
        "weight: num_output × (C·kernel height·kernel width) × (H'·W'), a window's channels first, "
        "then its rows; bias: num_output × (H'·W'), unless `bias_term` is false"
    )
    macs_rule: ClassVar[str] = "C·kernel height·kernel width for each element of the top"
    flops_rule: ClassVar[str] = "2 for each multiply-accumulate, 1 for each bias added"
    example: ClassVar[str] = """
        inputs: {data: [N, 16, 63, 63]}
        layers:
          - {name: L4, type: LocallyConnected, num_output: 16, kernel_size: 9}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("Local", "LocallyConnected2D")
    field_synonyms: ClassVar[dict[str, str]] = {
        "filters": "num_output",
        "out_channels": "num_output",
        "strides": "stride",
        "padding": "pad",
        "use_bias": "bias_term",
        "bias": "bias_term",
    }

    num_output: Count = Field(description="filters at each place, the channels of the top")
    kernel_size: Extents = Field(description="height and width of a window")
    stride: Extents = Field(1, description="rows and columns from window to window")
    pad: Paddings = Field(0, description="zeros added on each side, above and left first")
    bias_term: bool = Field(True, description="whether to add a learned bias")
    weight_filler: Filler = Field(SMALL, description="how fresh weights are drawn")
    bias_filler: Filler = Field(ZEROS, description="how fresh biases are drawn")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        return filtering(2, self.kernel_size, self.stride, self.pad)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = require_image(self, bottoms)
        require_known(self, "the number of channels", shape[1])
        windows = {"kernel_size": self.kernel_size, "stride": self.stride, "pad": self.pad}
        require_extents(self, shape, **windows)
        sizes = []
        for axis, name in enumerate(("height", "width")):
            size = require_known(self, f"the image's {name}", shape[2 + axis])
            sizes.append(floor_windows(size, *(spread(each, 2)[axis] for each in windows.values())))
        return (bottoms[0].with_shape(shape[0], self.num_output, *sizes),)

    def window(self, bottoms: Types) -> int:
        """The elements of a window."""
        channels = require_known(self, "the number of channels", bottoms[0].shape[1])
        height, width = spread(self.kernel_size, 2)
        return channels * height * width

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        height, width = self.outputs(bottoms)[0].shape[2:]
        assert isinstance(height, int)
        assert isinstance(width, int)
        places = height * width
        shape = (self.num_output, self.window(bottoms), places)
        weights: tuple[Weight, ...] = (Weight("weight", shape, self.weight_filler),)
        if self.bias_term:
            weights += (Weight("bias", (self.num_output, places), self.bias_filler),)
        return weights

    def workspace(self, bottoms: Types, tops: Types) -> Size:
        batch, _, height, width = tops[0].shape
        return batch * height * width * self.window(bottoms)

    def brief(self, bottoms: Types) -> str:
        window = by(self.kernel_size, bottoms)
        return f"{window} local, {self.num_output}{step(self.stride, bottoms)}"

    def work(self, bottoms: Types, tops: Types) -> Work:
        elements = tops[0].shape.elements
        return Work(
            {
                Kind.LOCALLY_CONNECTED: elements * self.window(bottoms),
                Kind.BIAS: elements if self.bias_term else 0,
            }
        )
