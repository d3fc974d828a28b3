"""Layers with weights that slide along one, two or three axes."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import ClassVar

from pydantic import Field

from netspec.counted import counted
from netspec.graph.fillers import MSRA, ZEROS, Filler
from netspec.graph.reach import Reach
from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers import margins
from netspec.layers.answers import LayerError, Weight
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import require_known, require_spatial
from netspec.layers.extents import require_extents
from netspec.layers.fields import Count, Extents, Paddings, spread
from netspec.layers.filling import check_bilinear
from netspec.layers.sliding import filtering
from netspec.layers.windows import floor_windows
from netspec.layers.words import by, step

FIELD_SYNONYMS = {
    "out_channels": "num_output",
    "filters": "num_output",
    "kernel": "kernel_size",
    "kernel_shape": "kernel_size",
    "kernel_h": "kernel_size",
    "kernel_w": "kernel_size",
    "strides": "stride",
    "stride_h": "stride",
    "stride_w": "stride",
    "padding": "pad",
    "auto_pad": "pad",
    "border_mode": "pad",
    "pads": "pad",
    "pad_h": "pad",
    "pad_w": "pad",
    "dilations": "dilation",
    "dilation_rate": "dilation",
    "groups": "group",
    "bias": "bias_term",
    "use_bias": "bias_term",
    "kernel_initializer": "weight_filler",
    "bias_initializer": "bias_filler",
}


class FilterLayer(Layer):
    """The base of Convolution and Deconvolution: their fields and what holds of both."""

    family: ClassVar[str] = "weights"
    overwritable: ClassVar[bool] = True
    spatial: ClassVar[bool] = True
    flops_rule: ClassVar[str] = "2 for each multiply-accumulate, 1 for each bias added"
    field_synonyms: ClassVar[dict[str, str]] = FIELD_SYNONYMS
    field_notes: ClassVar[dict[str, str]] = {
        "kernel_h": "write `kernel_size: [kernel_h, kernel_w]`, the height first",
        "kernel_w": "write `kernel_size: [kernel_h, kernel_w]`, the height first",
        "stride_h": "write `stride: [stride_h, stride_w]`, the height first",
        "stride_w": "write `stride: [stride_h, stride_w]`, the height first",
        "pad_h": "write `pad: [pad_h, pad_w]`, the height first",
        "pad_w": "write `pad: [pad_h, pad_w]`, the height first",
        "kernel_initializer": "write `weight_filler: {type: msra}` (He's) or `{type: xavier}` "
        "(Glorot's)",
        "bias_initializer": "write `bias_filler: {value: 0}`; leave it out where it is zero",
        "padding_mode": "the margin here holds zeros, so leave out `padding_mode: zeros`; a "
        "`Pad` before has a `value`",
    }

    uneven_margin: ClassVar[str]
    """What to write for a margin that is larger behind than before."""

    num_output: Count = Field(description="filters, the channels of the top")
    kernel_size: Extents = Field(description="a filter's size along each axis")
    stride: Extents = Field(1, description="steps between windows")
    pad: Paddings = Field(0, description="margin on each side")
    dilation: Extents = Field(1, description="steps between a filter's taps")
    group: Count = Field(1, description="groups that the channels are split into")
    bias_term: bool = Field(True, description="whether to add a learned bias a filter")
    weight_filler: Filler = Field(MSRA, description="how fresh weights are drawn")
    bias_filler: Filler = Field(ZEROS, description="how fresh biases are drawn")

    @classmethod
    def advise(cls, field: str, value: object, others: Mapping[str, object]) -> str | None:
        if field == "pad":
            return margins.advise(value, others, cls.uneven_margin)
        return super().advise(field, value, others)

    def check(self) -> Iterator[LayerError]:
        if self.num_output % self.group:
            yield LayerError(
                "group-mismatch",
                f"`group` must divide `num_output`; {counted(self.num_output, 'filter')} "
                f"can't be split into {self.group} groups",
                field="group",
            )
        if isinstance(self.kernel_size, tuple):
            yield from self._check_bilinear(self.kernel_size)
        yield from check_bilinear("bias_filler", self.bias_filler, (self.num_output,))

    def _check_bilinear(self, taps: tuple[int, ...]) -> Iterator[LayerError]:
        yield from check_bilinear("weight_filler", self.weight_filler, (None, None, *taps))

    def extents(self) -> dict[str, Extents]:
        """The fields that have a size for each axis, in the order of `floor_windows`."""
        names = ("kernel_size", "stride", "pad", "dilation")
        return {name: getattr(self, name) for name in names}

    def channels(self, bottoms: Types) -> int:
        """The bottom's channels, which a weight's shape depends on; LayerError for a bottom that
        doesn't fit.
        """
        shape = require_spatial(self, bottoms)
        require_extents(self, shape, **self.extents())
        for error in self._check_bilinear(self.taps(bottoms)):
            raise error
        channels = require_known(self, "the number of channels", shape[1])
        if channels % self.group:
            raise LayerError(
                "group-mismatch",
                f"`group` must divide the bottom's channels; {counted(channels, 'channel')} "
                f"can't be split into {self.group} groups",
                field="group",
            )
        return channels

    def taps(self, bottoms: Types) -> tuple[int, ...]:
        """A filter's size along each axis of the bottom."""
        return spread(self.kernel_size, bottoms[0].shape.rank - 2)

    def windows(self, bottoms: Types) -> Iterator[tuple[Size, tuple[int, ...]]]:
        """Axis by axis the bottom's size, and what `extents` has for it."""
        sizes = bottoms[0].shape[2:]
        settings = (spread(each, len(sizes)) for each in self.extents().values())
        return zip(sizes, zip(*settings, strict=True), strict=True)

    @property
    def adds_bias(self) -> bool:
        return self.bias_term

    def biases(self, tops: Types) -> Size:
        """How many biases are added."""
        return tops[0].shape.elements if self.bias_term else 0

    def with_bias(self, weight: Weight) -> tuple[Weight, ...]:
        """The weight, and behind it the bias if there is one."""
        bias = Weight("bias", (self.num_output,), self.bias_filler)
        return (weight, bias) if self.bias_term else (weight,)


class Convolution(FilterLayer):
    """Convolve with learned filters: cross-correlation, as in every framework.

    One, two or three spatial axes, as many as the bottom has: signals, images, volumes. A number
    serves all of them; a list has one for each, the outermost first: `kernel_size: [1, 3, 3]` looks
    at each slice of a volume by itself. With `group: g` the channels of bottom and top are split
    into g groups, and each group of the top sees its group of the bottom alone; `group` equal to
    the channels is a depthwise convolution. The padding is zeros.
    """

    source: ClassVar[str] = "LeCun et al. 1989; groups: Krizhevsky et al. 2012; Caffe"
    shape_rule: ClassVar[str] = (
        "N×num_output×H'×W', H' = floor((H + 2·pad − dilation·(kernel_size − 1) − 1) / stride) + "
        "1, and so for each axis"
    )
    weights_rule: ClassVar[str] = (
        "weight: num_output × C/group × kernel_size, a size for each axis; bias: num_output, "
        "unless `bias_term` is false"
    )
    macs_rule: ClassVar[str] = "C/group · a filter's taps for each element of the top"
    example: ClassVar[str] = """
        inputs: {data: [N, 3, 227, 227]}
        layers:
          - {name: conv1, type: Convolution, num_output: 96, kernel_size: 11, stride: 4}
          - {name: conv2, type: Convolution, num_output: 256, kernel_size: 5, pad: 2, group: 2}
    """
    synonyms: ClassVar[tuple[str, ...]] = (
        "Conv2d",
        "Conv1d",
        "Conv3d",
        "Conv",
        "Conv1D",
        "Conv2D",
        "Conv3D",
        "conv1d",
        "conv2d",
        "conv3d",
        "Convolution1D",
        "Convolution2D",
        "Convolution3D",
    )
    uneven_margin: ClassVar[str] = margins.PAD_BEFORE

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        axes = bottoms[0].shape.rank - 2
        return filtering(axes, self.kernel_size, self.stride, self.pad, self.dilation)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        self.channels(bottoms)
        sizes = [floor_windows(size, *each) for size, each in self.windows(bottoms)]
        return (bottoms[0].with_shape(bottoms[0].shape[0], self.num_output, *sizes),)

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        channels = require_known(self, "the number of channels", bottoms[0].shape[1])
        shape = (self.num_output, channels // self.group, *self.taps(bottoms))
        return self.with_bias(Weight("weight", shape, self.weight_filler))

    def takes_in_scale(self, bottoms: Types) -> int | None:
        return 0

    def brief(self, bottoms: Types) -> str:
        depthwise = 1 < self.group == bottoms[0].shape[1]
        words = f"{by(self.kernel_size, bottoms)} {'dw ' if depthwise else ''}conv, "
        words += f"{self.num_output}{step(self.stride, bottoms)}"
        if self.group > 1 and not depthwise:
            words += f", {self.group} groups"
        return words + step(self.dilation, bottoms, "dilated ")

    def work(self, bottoms: Types, tops: Types) -> Work:
        channels = bottoms[0].shape[1] // self.group
        filtered = tops[0].shape.elements * channels * prod(self.taps(bottoms))
        return Work({Kind.CONVOLUTION: filtered, Kind.CONVOLUTION_BIAS: self.biases(tops)})
