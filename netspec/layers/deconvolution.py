"""The transposed convolution."""

from collections.abc import Iterator
from math import prod
from typing import ClassVar

from pydantic import Field

from netspec.graph.reach import Reach
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError, Weight
from netspec.layers.base import Types
from netspec.layers.convolution import FIELD_SYNONYMS, FilterLayer
from netspec.layers.fields import Extents, Paddings, aligned
from netspec.layers.sliding import filtered, transposed
from netspec.layers.windows import deconvolved
from netspec.layers.words import by, step


class Deconvolution(FilterLayer):
    """Convolve backwards: each element of the bottom paints a filter onto the top.

    Also called transposed convolution; it is what Convolution's gradient does. `stride` is the step
    between the painted windows, which add up where they overlap; `pad` cuts that many elements off
    each side. A convolution with a stride makes one size of several: the top has the smallest of
    them, and `output_pad` chooses another by adding elements at the end of each axis (below and at
    the right). One, two or three spatial axes, as many as the bottom has.

    With `group: g` each group of the top comes from its group of the bottom alone. Upsampling by
    a factor f is `weight_filler: {type: bilinear}` with `kernel_size: 2f − f%2`, `stride: f`,
    `pad: ceil((f − 1)/2)`, `group` and `num_output` equal to the channels, `bias_term: false`,
    and `param: [{lr_mult: 0}]` to keep it so.
    """

    source: ClassVar[str] = "Zeiler et al. 2010; Caffe's deconv_layer.cpp; output_pad: PyTorch"
    shape_rule: ClassVar[str] = (
        "N×num_output×H'×W', H' = (H − 1)·stride + dilation·(kernel_size − 1) + 1 − 2·pad + "
        "output_pad, and so for each axis"
    )
    weights_rule: ClassVar[str] = (
        "weight: C × num_output/group × kernel_size, a size for each axis; bias: num_output, "
        "unless `bias_term` is false"
    )
    macs_rule: ClassVar[str] = "num_output/group · a filter's taps for each element of the bottom"
    example: ClassVar[str] = """
        inputs: {data: [N, 21, 16, 16]}
        layers:
          - name: upscore
            type: Deconvolution
            num_output: 21
            kernel_size: 4
            stride: 2
            pad: 1
            group: 21
            bias_term: false
            weight_filler: {type: bilinear}
            param: [{lr_mult: 0}]
    """
    synonyms: ClassVar[tuple[str, ...]] = (
        "ConvTranspose2d",
        "ConvTranspose1d",
        "ConvTranspose3d",
        "ConvTranspose",
        "Conv1DTranspose",
        "Conv2DTranspose",
        "Conv3DTranspose",
        "conv_transpose1d",
        "conv_transpose2d",
        "conv_transpose3d",
        "Deconvolution3D",
        "TransposedConvolution",
    )
    uneven_margin: ClassVar[str] = "`pad: {behind}` with `output_pad: 1` gives the same size"
    field_synonyms: ClassVar[dict[str, str]] = FIELD_SYNONYMS | {"output_padding": "output_pad"}

    output_pad: Paddings = Field(0, description="elements added at the end, less than the stride")

    def check(self) -> Iterator[LayerError]:
        yield from super().check()
        for extra, stride in aligned(self.output_pad, self.stride):
            if extra >= stride:
                yield LayerError(
                    "bad-value",
                    f"`output_pad` must be less than the stride: it is {extra} where the stride "
                    f"is {stride}",
                    field="output_pad",
                )
                return

    def extents(self) -> dict[str, Extents]:
        return {**super().extents(), "output_pad": self.output_pad}

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        windows = enumerate(self.windows(bottoms), start=2)
        return filtered(*[transposed(axis, *each[:4]) for axis, (_, each) in windows])

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        self.channels(bottoms)
        sizes = [deconvolved(size, *each) for size, each in self.windows(bottoms)]
        return (bottoms[0].with_shape(bottoms[0].shape[0], self.num_output, *sizes),)

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        shape = (self.channels(bottoms), self.num_output // self.group, *self.taps(bottoms))
        return self.with_bias(Weight("weight", shape, self.weight_filler))

    def brief(self, bottoms: Types) -> str:
        words = f"{by(self.kernel_size, bottoms)} deconv, {self.num_output}"
        return words + step(self.stride, bottoms, "×")

    def work(self, bottoms: Types, tops: Types) -> Work:
        filters = self.num_output // self.group
        painted = bottoms[0].shape.elements * filters * prod(self.taps(bottoms))
        return Work({Kind.TRANSPOSED_CONVOLUTION: painted, Kind.TRANSPOSED_BIAS: self.biases(tops)})
