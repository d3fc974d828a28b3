"""Layers that summarise windows of an image."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.graph.fillers import uppercase
from netspec.graph.sizes import Size
from netspec.graph.types import Shape, TensorType
from netspec.layers import margins
from netspec.layers.base import Giver, Layer, LayerError, Lint, Types, require_image
from netspec.layers.fields import ExtentPair, MarginPair
from netspec.layers.windows import ceil_windows, floor_windows, margin_behind

PoolingMethod = Annotated[Literal["MAX", "AVE", "L2", "STOCHASTIC"], BeforeValidator(uppercase)]
RoundMode = Annotated[Literal["FLOOR", "CEIL"], BeforeValidator(uppercase)]


class Pooling(Layer):
    """Summarise windows of an image: by their maximum, average, norm, or an element by chance.

    MAX is the largest element, AVE the sum over the size, L2 the root of the sum of squares.
    STOCHASTIC, for bottoms without negative elements (behind a ReLU), picks an element in the
    TRAIN phase, each with a probability proportional to it, and gives the expectation of that in
    the TEST phase: Σx² / Σx, or 0 where Σx isn't positive.

    Windows are set by `kernel_size`, `stride` and `pad`; or `global_pooling` takes the whole
    image as one; or `output_size` asks for so many windows (PyTorch's adaptive pooling: window i
    of n over a size s reaches from floor(i·s/n) to ceil((i + 1)·s/n); ONNX, which has no such
    operator, needs a known height and width for more than one).

    `round_mode: CEIL` keeps a last window that overhangs the input, as long as it starts within
    the input or the padding before it. An average then divides by the part of the window that lies
    within the padded input; `count_include_pad: false` divides by the real elements alone. Caffe
    rounds up unless told otherwise; netspec rounds down, as its other layers do. (Where there is no
    padding and the stride is larger than the window, Caffe also makes a window that lies wholly
    beyond the input, and gives −FLT_MAX or 0/0 for it. Like PyTorch, netspec doesn't.)

    The padding is never a maximum and counts as zeros otherwise. A window that lies wholly in it
    gives −∞ for MAX and else 0 (Caffe refuses a `pad` of `kernel_size` or more).

    MAX gives a second top where `top` names two, the mask: which element each maximum is, as its
    index row · W + column in the image (int64); of equal ones the first. Unpooling reads it.
    """

    family: ClassVar[str] = "pooling"
    source: ClassVar[str] = (
        "Caffe's pooling_layer.cpp; L2: Boureau et al. 2010, PyTorch's LPPool2d; STOCHASTIC: "
        "Zeiler and Fergus 2013; output_size: PyTorch"
    )
    shape_rule: ClassVar[str] = (
        "N×C×H'×W', H' = floor((H + 2·pad − kernel_size) / stride) + 1; CEIL: with ceil, less a "
        "last window that starts beyond the input; global_pooling: 1×1; output_size: as it says; "
        "the mask: the same"
    )
    flops_rule: ClassVar[str] = (
        "for each element of the top, MAX: window − 1 comparisons; AVE: window − 1 additions and a "
        "division; L2: window squares, window − 1 additions and a root; STOCHASTIC: window "
        "squares, 2·(window − 1) additions and a division; windows of whole size, adaptive ones of "
        "ceil(H / H') × ceil(W / W')"
    )
    nonfinite: ClassVar[str | None] = (
        "a maximum is NaN in PyTorch where its window holds NaN; ONNX Runtime passes NaN over, and "
        "of a window with nothing above −∞ it may give the least finite number"
    )
    top_count: ClassVar[tuple[int, int | None]] = (1, 2)
    example: ClassVar[str] = """
        inputs: {data: [N, 96, 55, 55]}
        layers:
          - {name: pool1, type: Pooling, pool: MAX, kernel_size: 3, stride: 2}
          - {name: avgpool, type: Pooling, pool: AVE, output_size: 1}
    """
    synonyms: ClassVar[tuple[str, ...]] = (
        "MaxPool2d",
        "AvgPool2d",
        "MaxPool",
        "AveragePool",
        "LPPool2d",
        "LpPool",
        "MaxPooling2D",
        "AveragePooling2D",
        "AdaptiveAvgPool2d",
        "AdaptiveMaxPool2d",
        "GlobalAveragePool",
        "GlobalMaxPool",
        "GlobalAveragePooling2D",
        "GlobalMaxPooling2D",
        "GlobalLpPool",
        "GlobalAvgPool2D",
        "GlobalMaxPool2D",
        "AdaptiveAveragePooling2D",
        "AdaptiveMaxPooling2D",
        "Pool",
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
        "auto_pad": "pad",
        "border_mode": "pad",
        "pads": "pad",
        "pad_h": "pad",
        "pad_w": "pad",
        "ceil_mode": "round_mode",
        "method": "pool",
    }
    synonym_notes: ClassVar[dict[str, str]] = {
        "AvgPool2d": "with `pool: AVE`",
        "AveragePool": "with `pool: AVE`",
        "AveragePooling2D": "with `pool: AVE`",
        "LPPool2d": "with `pool: L2`",
        "LpPool": "with `pool: L2`",
        "GlobalLpPool": "with `pool: L2, global_pooling: true`",
        "AdaptiveAvgPool2d": "with `pool: AVE` and `output_size`",
        "AdaptiveAveragePooling2D": "with `pool: AVE` and `output_size`",
        "AdaptiveMaxPool2d": "with `pool: MAX` and `output_size`",
        "AdaptiveMaxPooling2D": "with `pool: MAX` and `output_size`",
        "GlobalAveragePool": "with `pool: AVE, global_pooling: true`",
        "GlobalAveragePooling2D": "with `pool: AVE, global_pooling: true`, then `Flatten`",
        "GlobalAvgPool2D": "with `pool: AVE, global_pooling: true`, then `Flatten`",
        "GlobalMaxPool2D": "with `pool: MAX, global_pooling: true`, then `Flatten`",
        "GlobalMaxPool": "with `pool: MAX, global_pooling: true`",
        "GlobalMaxPooling2D": "with `pool: MAX, global_pooling: true`, then `Flatten`",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "kernel_h": "write `kernel_size: [kernel_h, kernel_w]`, the height first",
        "kernel_w": "write `kernel_size: [kernel_h, kernel_w]`, the height first",
        "stride_h": "write `stride: [stride_h, stride_w]`, the height first",
        "stride_w": "write `stride: [stride_h, stride_w]`, the height first",
        "pad_h": "write `pad: [pad_h, pad_w]`, the height first",
        "pad_w": "write `pad: [pad_h, pad_w]`, the height first",
        "ceil_mode": "`ceil_mode: true` is `round_mode: CEIL`; leave `ceil_mode: false` out",
        "return_indices": "name a second top, which is the mask: `top: [pooled, mask]`",
        "norm_type": "with `norm_type: 2` it is `pool: L2`",
        "p": "with `p: 2` it is `pool: L2`",
    }
    value_synonyms: ClassVar[dict[str, dict[str, str]]] = {
        "pool": {"AVG": "AVE", "MEAN": "AVE", "AVERAGE": "AVE", "MAXIMUM": "MAX", "LP": "L2"},
        "round_mode": {"CEILING": "CEIL"},
    }

    pool: PoolingMethod = Field("MAX", description="the summary")
    kernel_size: ExtentPair | None = Field(None, description="height and width of a window")
    stride: ExtentPair = Field((1, 1), description="steps between windows")
    pad: MarginPair = Field((0, 0), description="margin on each side")
    round_mode: RoundMode = Field("FLOOR", description="what becomes of a last, partial window")
    global_pooling: bool = Field(False, description="one window, the whole image")
    output_size: ExtentPair | None = Field(None, description="the number of windows")
    count_include_pad: bool = Field(True, description="AVE: whether padding counts as zeros")

    @classmethod
    def advise(cls, field: str, value: object, others: Mapping[str, object]) -> str | None:
        if field == "pad":
            # A last window may overhang where a step is more than one element.
            steps = others.get("stride", others.get("strides", 1))
            overhang = isinstance(steps, int) and steps > 1
            last = "`pad: {before}` with `round_mode: CEIL`"
            return margins.advise(value, others, last if overhang else margins.PAD_BEFORE)
        return super().advise(field, value, others)

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
            if self.output_size is not None and self.pool not in ("MAX", "AVE"):
                yield LayerError(
                    "field-conflict",
                    f"`output_size` goes with MAX and AVE, not with {self.pool}",
                    field="output_size",
                )

    def lints(self, bottoms: Types, givers: Sequence[Giver | None]) -> Iterable[Lint]:
        pairs = zip(self.pad, self.kernel_size or (), strict=False)
        if any(pad >= kernel for pad, kernel in pairs):
            yield Lint(
                "pooling-in-padding",
                "windows of `{here}` lie wholly in padding",
                "pad by less than `kernel_size`",
            )

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

    def outputs_for(self, bottoms: Types, count: int) -> tuple[TensorType, ...]:
        (top,) = self.outputs(bottoms)
        if count < 2 or self.pool != "MAX":
            return (top,)
        if self.empty_windows:
            raise LayerError(
                "bad-value",
                "windows wholly in padding have no maximum for a mask to name",
                field="pad",
                help="pad by less than `kernel_size`, or leave the second top out",
            )
        _, _, height, width = bottoms[0].shape
        return (top, TensorType(top.shape, "int64", plane=(height, width)))

    @property
    def empty_windows(self) -> bool:
        """Whether windows lie wholly in padding."""
        return self.kernel_size is not None and any(
            pad >= kernel for pad, kernel in zip(self.pad, self.kernel_size, strict=True)
        )

    def behind(self, bottom: Shape, top: Shape) -> tuple[int, int]:
        """The margins below and at the right with which all windows are whole ones, `pad` being
        above and at the left.
        """
        assert self.kernel_size is not None
        ceil = self.round_mode == "CEIL"
        settings = zip(bottom[2:], self.kernel_size, self.stride, self.pad, top[2:], strict=True)
        height, width = (margin_behind(*each, ceil=ceil) for each in settings)
        return (height, width)

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
        operations = {
            "MAX": window - 1,
            "AVE": window,
            "L2": 2 * window,
            "STOCHASTIC": 3 * window - 1,
        }
        return top.elements * operations[self.pool]


def _ceil_share(size: Size, count: int) -> Size:
    return (size + (count - 1)) // count
