"""Layers that summarise windows along one, two or three axes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.graph.fillers import uppercase
from netspec.graph.reach import WHOLE, Along, Reach, Step
from netspec.graph.sizes import Size, ceil_div, product
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import Kind, Work
from netspec.layers import margins
from netspec.layers.answers import LayerError, Lint
from netspec.layers.base import Giver, Layer, Types
from netspec.layers.bottoms import require_known, require_spatial, resolve_axis
from netspec.layers.extents import require_extents
from netspec.layers.fields import Extents, Paddings, aligned, spread
from netspec.layers.pooling_names import IN_AXES, OTHERS
from netspec.layers.sliding import Pooled, adaptive, pointwise_but, sliding
from netspec.layers.windows import ceil_windows, floor_windows, margin_behind
from netspec.layers.words import by, step

PoolingMethod = Annotated[Literal["MAX", "AVE", "L2", "STOCHASTIC"], BeforeValidator(uppercase)]
RoundMode = Annotated[Literal["FLOOR", "CEIL"], BeforeValidator(uppercase)]

BRIEFLY = {"MAX": "max", "AVE": "avg", "L2": "L2", "STOCHASTIC": "stochastic"}
"""What drawings call the ways to summarise."""


class Pooling(Layer):
    """Summarise windows: by their maximum, average, norm, or an element by chance.

    MAX is the largest element, AVE the sum over the size, L2 the root of the sum of squares.
    STOCHASTIC, for bottoms without negative elements (behind a ReLU), picks an element in the
    TRAIN phase, each with a probability proportional to it, and gives the expectation of that in
    the TEST phase: Σx² / Σx, or 0 where Σx isn't positive.

    One, two or three spatial axes, as many as the bottom has: signals, images, volumes. A number
    serves all of them; a list has one for each, the outermost first.

    Windows are set by `kernel_size`, `stride` and `pad`; or `global_pooling` takes the whole
    image as one; or `output_size` asks for so many windows (PyTorch's adaptive pooling: window i
    of n over a size s reaches from floor(i·s/n) to ceil((i + 1)·s/n); ONNX, which has no such
    operator, needs known sizes for more than one).

    With `axis` the windows lie along that axis alone, whatever the bottom: `axis: 1` pools over
    channels (maxout, L2 pooling over features). There `kernel_size` and `stride` are a number each,
    all windows are whole ones, and `global_pooling` takes all of the axis.

    `round_mode: CEIL` keeps a last window that overhangs the input, as long as it starts within
    the input or the padding before it. An average then divides by the part of the window that lies
    within the padded input; `count_include_pad: false` divides by the real elements alone. Caffe
    rounds up unless told otherwise; netspec rounds down, as its other layers do. (Where there is no
    padding and the stride is larger than the window, Caffe also makes a window that lies wholly
    beyond the input, and gives −FLT_MAX or 0/0 for it. Like PyTorch, netspec doesn't.)

    The padding is never a maximum and counts as zeros otherwise. A window that lies wholly in it
    gives −∞ for MAX and else 0 (Caffe refuses a `pad` of `kernel_size` or more).

    MAX gives a second top where `top` names two, the mask: which element each maximum is, as its
    index row · W + column in the image (int64), and in a volume slice · H · W before that; of equal
    ones the first. Unpooling reads it.
    """

    family: ClassVar[str] = "pooling"
    spatial: ClassVar[bool] = True
    source: ClassVar[str] = (
        "Caffe's pooling_layer.cpp; L2: Boureau et al. 2010, PyTorch's LPPool2d; STOCHASTIC: "
        "Zeiler and Fergus 2013; output_size: PyTorch"
    )
    shape_rule: ClassVar[str] = (
        "N×C×H'×W', H' = floor((H + 2·pad − kernel_size) / stride) + 1; CEIL: with ceil, less a "
        "last window that starts beyond the input; and so for each axis; global_pooling: 1×1; "
        "output_size: as it says; the mask: the same; axis: the bottom's shape but for that axis"
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
    synonyms: ClassVar[tuple[str, ...]] = (*IN_AXES, *OTHERS)
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
        name: note for name, note in (IN_AXES | OTHERS).items() if note
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
    kernel_size: Extents | None = Field(None, description="a window's size along each axis")
    stride: Extents = Field(1, description="steps between windows")
    pad: Paddings = Field(0, description="margin on each side")
    round_mode: RoundMode = Field("FLOOR", description="what becomes of a last, partial window")
    global_pooling: bool = Field(False, description="one window, the whole image")
    output_size: Extents | None = Field(None, description="the number of windows")
    axis: int | None = Field(
        None, description="the only axis that windows lie along; negative: from the back"
    )
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
        if self.axis is not None:
            yield from self._fields_of_images()

    def _fields_of_images(self) -> Iterator[LayerError]:
        """Fields that go with spatial axes only."""
        for name in ("pad", "round_mode", "output_size"):
            if getattr(self, name) != type(self).model_fields[name].default:
                yield LayerError("field-conflict", f"`{name}` doesn't go with `axis`", field=name)
        for name in ("kernel_size", "stride"):
            sizes = getattr(self, name)
            if isinstance(sizes, tuple) and len(sizes) != 1:
                yield LayerError(
                    "bad-value",
                    f"`{name}` is a list of {len(sizes)}, but `axis` is one axis",
                    field=name,
                )
        if self.pool == "STOCHASTIC":
            yield LayerError("field-conflict", "`axis` doesn't go with STOCHASTIC", field="axis")

    def lints(self, bottoms: Types, givers: Sequence[Giver | None]) -> Iterable[Lint]:
        if self.empty_windows:
            yield Lint(
                "pooling-in-padding",
                "windows of `{here}` lie wholly in padding",
                "pad by less than `kernel_size`",
            )

    def _window_fields(self) -> Iterator[LayerError]:
        """Fields that say nothing where the window isn't set by its size."""
        way = "global_pooling" if self.global_pooling else "output_size"
        for name in ("stride", "pad", "round_mode"):
            default = type(self).model_fields[name].default
            if any(each != default for each in spread(getattr(self, name), 1)):
                yield LayerError(
                    "field-conflict", f"`{name}` has no meaning with `{way}`", field=name
                )

    def along_axis(self, shape: Shape) -> int | None:
        """The only axis that windows lie along, from the front; None for all spatial ones."""
        if self.axis is None:
            return None
        axis = resolve_axis(self, self.axis, shape)
        if axis == 0:
            raise LayerError(
                "bad-axis", "Pooling's `axis` is the batch, whose items are apart", field="axis"
            )
        return axis

    def _outputs_along(self, axis: int, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        if self.kernel_size is None:
            return (bottoms[0].with_shape(*shape.replace(axis, 1)),)
        size = require_known(self, "the size of the axis that windows lie along", shape[axis])
        (kernel,), (stride,) = spread(self.kernel_size, 1), spread(self.stride, 1)
        count = floor_windows(size, kernel, stride, pad=0)
        return (bottoms[0].with_shape(*shape.replace(axis, count)),)

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        shape = bottoms[0].shape
        axis = self.along_axis(shape)
        if axis is None:
            steps = [Along(0), Along(1), *self._steps(shape)]
        elif self.kernel_size is None:
            return pointwise_but(shape.rank, (axis,), WHOLE)
        else:
            steps = [Along(each) for each in range(shape.rank)]
            (kernel,), (stride,) = spread(self.kernel_size, 1), spread(self.stride, 1)
            steps[axis] = sliding(axis, kernel, stride, pad=0)
        return tuple(steps)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        axis = self.along_axis(bottoms[0].shape)
        if axis is not None:
            return self._outputs_along(axis, bottoms)
        shape = require_spatial(self, bottoms)
        if self.pool == "STOCHASTIC" and shape.rank != 4:
            raise LayerError(
                "shape-mismatch",
                f"STOCHASTIC needs a bottom of two spatial axes, N×C×H×W, but reads {shape}",
                field="pool",
            )
        names = ("kernel_size", "stride", "pad", "output_size")
        require_extents(self, shape, **{name: getattr(self, name) for name in names})
        return (bottoms[0].with_shape(*shape[:2], *self._windows(shape[2:])),)

    def outputs_for(self, bottoms: Types, count: int) -> tuple[TensorType, ...]:
        (top,) = self.outputs(bottoms)
        if count < 2 or self.pool != "MAX":
            return (top,)
        if self.axis is not None:
            raise LayerError(
                "field-conflict",
                "a mask names elements of an image; along an `axis` there is none",
                field="axis",
                help="leave the second top out",
            )
        if self.empty_windows:
            raise LayerError(
                "bad-value",
                "windows wholly in padding have no maximum for a mask to name",
                field="pad",
                help="pad by less than `kernel_size`, or leave the second top out",
            )
        plane = tuple(bottoms[0].shape[2:])
        return (top, TensorType(top.shape, "int64", plane, Pooled(self, tuple(bottoms))))

    @property
    def empty_windows(self) -> bool:
        """Whether windows lie wholly in padding."""
        return self.kernel_size is not None and any(
            pad >= kernel for pad, kernel in aligned(self.pad, self.kernel_size)
        )

    def counts(self, axes: int) -> tuple[int, ...]:
        """How many windows there are along so many axes, where their size follows from that."""
        return spread(1 if self.output_size is None else self.output_size, axes)

    def along(self, axes: int) -> tuple[tuple[int, ...], ...]:
        """The kernel's size, the stride and the margin along so many axes: a tuple of each."""
        assert self.kernel_size is not None
        return tuple(spread(each, axes) for each in (self.kernel_size, self.stride, self.pad))

    def behind(self, bottom: Shape, top: Shape) -> tuple[int, ...]:
        """The margins at the end of each axis with which all windows are whole ones, `pad` being
        at the beginning.
        """
        ceil = self.round_mode == "CEIL"
        settings = zip(bottom[2:], *self.along(bottom.rank - 2), top[2:], strict=True)
        return tuple(margin_behind(*each, ceil=ceil) for each in settings)

    def brief(self, bottoms: Types) -> str:
        way = f"{BRIEFLY[self.pool]} pool"
        if self.kernel_size is not None and self.axis is None:
            return f"{by(self.kernel_size, bottoms)} {way}{step(self.stride, bottoms)}"
        if self.axis is not None:
            return f"{way} along axis {self.axis}"
        counts = self.counts(max(bottoms[0].shape.rank - 2, 1))
        return f"global {way}" if set(counts) == {1} else f"{way} to {'×'.join(map(str, counts))}"

    def _steps(self, shape: Shape) -> list[Step]:
        """What a window sees along each spatial axis."""
        axes, count = range(2, shape.rank), shape.rank - 2
        if self.kernel_size is None:
            return [*map(adaptive, axes, shape[2:], self.counts(count))]
        return [*map(sliding, axes, *self.along(count))]

    def _windows(self, image: Shape) -> tuple[Size, ...]:
        if self.global_pooling or self.output_size is not None:
            return self.counts(image.rank)
        count = floor_windows if self.round_mode == "FLOOR" else ceil_windows
        settings = zip(image, *self.along(image.rank), strict=True)
        return tuple(count(size, kernel, stride, pad) for size, kernel, stride, pad in settings)

    def work(self, bottoms: Types, tops: Types) -> Work:
        bottom, top = bottoms[0].shape, tops[0].shape
        window = self._window(bottom)
        kind, each = {
            "MAX": (Kind.MAX_POOLING, window - 1),
            "AVE": (Kind.AVERAGE_POOLING, window),
            "L2": (Kind.OTHER_POOLING, 2 * window),
            "STOCHASTIC": (Kind.OTHER_POOLING, 3 * window - 1),
        }[self.pool]
        return Work({kind: top.elements * each, **self._elements(bottom, top)})

    def _elements(self, bottom: Shape, top: Shape) -> dict[Kind, Size]:
        """What conventions count that go by elements: they know two of the poolings, and those
        along all spatial axes alone.
        """
        if self.axis is not None or self.pool not in ("MAX", "AVE"):
            return {}
        found = {Kind.POOLED: bottom.elements}
        if self.pool == "AVE" and self.kernel_size is not None:
            found[Kind.AVERAGES] = top.elements
        elif self.pool == "AVE":
            found[Kind.ADAPTIVE_POOLED] = bottom.elements
            found[Kind.ADAPTIVE_AVERAGES] = top.elements
        return found

    def _window(self, bottom: Shape) -> Size:
        """The elements of a window of whole size."""
        axis = self.along_axis(bottom)
        sizes = bottom[2:] if axis is None else bottom[axis : axis + 1]
        if self.kernel_size is not None:
            return prod(spread(self.kernel_size, sizes.rank))
        counts = zip(sizes, self.counts(sizes.rank), strict=True)
        return product([ceil_div(*each) for each in counts])

    def workspace(self, bottoms: Types, tops: Types) -> Size:
        # Elsewhere windows are read where they stand.
        if self.kernel_size is None or (self.axis is None and self.pool != "STOCHASTIC"):
            return 0
        axes = 1 if self.axis is not None else tops[0].shape.rank - 2
        return tops[0].shape.elements * prod(spread(self.kernel_size, axes))
