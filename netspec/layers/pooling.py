"""Layers that summarise windows of an image."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.graph.fillers import upper
from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.layers.base import Layer, LayerError, Types, require_image
from netspec.layers.fields import ExtentPair, MarginPair
from netspec.layers.windows import ceil_windows, floor_windows

PoolingMethod = Annotated[Literal["MAX", "AVE"], BeforeValidator(upper)]
RoundMode = Annotated[Literal["FLOOR", "CEIL"], BeforeValidator(upper)]


class Pooling(Layer):
    """Summarise windows of an image by their maximum or their average.

    Windows are set by `kernel_size`, `stride` and `pad`; or `global_pooling` takes the whole
    image as one; or `output_size` asks for so many windows (PyTorch's adaptive pooling: window i
    of n over a size s reaches from floor(i·s/n) to ceil((i + 1)·s/n)).

    `round_mode: CEIL` keeps a last window that overhangs the input, as long as it starts within
    the input or the padding before it. An average then divides by the part of the window that lies
    within the padded input; `count_include_pad: false` divides by the real elements alone. Caffe
    rounds up unless told otherwise; netspec rounds down, as its other layers do.
    """

    family: ClassVar[str] = "pooling"
    source: ClassVar[str] = "Caffe's pooling_layer.cpp; output_size: PyTorch"
    shape_rule: ClassVar[str] = (
        "N×C×H'×W', H' = floor((H + 2·pad − kernel_size) / stride) + 1; CEIL: with ceil, less a "
        "last window that starts beyond the input; global_pooling: 1×1; output_size: as it says"
    )
    flops_rule: ClassVar[str] = (
        "MAX: window − 1 comparisons for each element of the top; AVE: window − 1 additions and a "
        "division; windows of whole size, adaptive ones of ceil(H / H') × ceil(W / W')"
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "MaxPool2d",
        "AvgPool2d",
        "MaxPool",
        "AveragePool",
        "MaxPooling2D",
        "AveragePooling2D",
        "AdaptiveAvgPool2d",
        "AdaptiveMaxPool2d",
        "GlobalAveragePool",
        "GlobalMaxPool",
        "GlobalAveragePooling2D",
        "GlobalMaxPooling2D",
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "kernel": "kernel_size",
        "kernel_shape": "kernel_size",
        "pool_size": "kernel_size",
        "kernel_h": "kernel_size",
        "kernel_w": "kernel_size",
        "strides": "stride",
        "stride_h": "stride",
        "stride_w": "stride",
        "padding": "pad",
        "pads": "pad",
        "pad_h": "pad",
        "pad_w": "pad",
        "ceil_mode": "round_mode",
        "method": "pool",
    }

    pool: PoolingMethod = Field("MAX", description="the summary")
    kernel_size: ExtentPair | None = Field(None, description="height and width of a window")
    stride: ExtentPair = Field((1, 1), description="steps between windows")
    pad: MarginPair = Field((0, 0), description="margin on each side; never the maximum")
    round_mode: RoundMode = Field("FLOOR", description="what becomes of a last, partial window")
    global_pooling: bool = Field(False, description="one window, the whole image")
    output_size: ExtentPair | None = Field(None, description="the number of windows")
    count_include_pad: bool = Field(True, description="AVE: whether padding counts as zeros")

    def check(self) -> Iterator[LayerError]:
        ways = {
            "kernel_size": self.kernel_size is not None,
            "global_pooling": self.global_pooling,
            "output_size": self.output_size is not None,
        }
        given = [name for name, is_given in ways.items() if is_given]
        if not given:
            yield LayerError(
                "missing-field",
                "Pooling needs `kernel_size`, `global_pooling` or `output_size`",
            )
        elif len(given) > 1:
            yield LayerError(
                "field-conflict",
                f"Pooling takes one of `kernel_size`, `global_pooling` and `output_size`, not "
                f"{' and '.join(f'`{name}`' for name in given)}",
                field=given[1],
            )
        elif self.kernel_size is None:
            yield from self._window_fields()

    def _window_fields(self) -> Iterator[LayerError]:
        """Fields that say nothing where the window isn't set by its size."""
        way = "global_pooling" if self.global_pooling else "output_size"
        for name in ("stride", "pad", "round_mode"):
            if getattr(self, name) != type(self).model_fields[name].default:
                yield LayerError(
                    "field-conflict", f"`{name}` has no meaning with `{way}`", field=name
                )

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = require_image(self, bottoms)
        return (bottoms[0].with_shape(shape[0], shape[1], *self._windows(shape[2], shape[3])),)

    def _windows(self, *image: Size) -> tuple[Size, ...]:
        if self.global_pooling:
            return (1, 1)
        if self.output_size is not None:
            return self.output_size
        assert self.kernel_size is not None
        count = floor_windows if self.round_mode == "FLOOR" else ceil_windows
        settings = zip(image, self.kernel_size, self.stride, self.pad, strict=True)
        return tuple(count(size, kernel, stride, pad) for size, kernel, stride, pad in settings)

    def flops(self, bottoms: Types, tops: Types) -> Size:
        bottom, top = bottoms[0].shape, tops[0].shape
        if self.kernel_size is not None:
            window: Size = self.kernel_size[0] * self.kernel_size[1]
        elif self.output_size is not None:
            window = _ceil_share(bottom[2], self.output_size[0]) * _ceil_share(
                bottom[3], self.output_size[1]
            )
        else:
            window = bottom[2] * bottom[3]
        return top.elements * (window if self.pool == "AVE" else window - 1)


def _ceil_share(size: Size, count: int) -> Size:
    return (size + (count - 1)) // count
