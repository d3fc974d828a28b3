"""Maximum pooling at steps that are no whole numbers."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from netspec.counted import counted
from netspec.graph.reach import Along, Reach
from netspec.graph.sizes import Size
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import require_image, require_known
from netspec.layers.extents import require_extents
from netspec.layers.fields import Extents, spread
from netspec.layers.sliding import fractional
from netspec.layers.windows import fractional_starts

_BETWEEN = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}
_NUMBER: dict[str, Any] = {"type": "number", **_BETWEEN}
_PAIR = {
    "type": "array",
    "items": _NUMBER,
    "minItems": 2,
    "maxItems": 2,
    "shown": "[height, width]",
}


def _kind(value: object) -> str:
    return "list[float]" if isinstance(value, list | tuple) else "float"


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


Ratio = Annotated[float, Field(gt=0, lt=1)]
Ratios = Annotated[
    Annotated[Ratio, Tag("float")] | Annotated[tuple[Ratio, ...], Tag("list[float]")],
    Discriminator(_kind),
    BeforeValidator(_as_tuple),
    WithJsonSchema({"anyOf": [_NUMBER, _PAIR]}),
]
"""A share of the height and of the width; one number for both."""


class FractionalMaxPooling(Layer):
    """Take the maximum of windows that are a fractional number of rows and columns apart.

    Along an axis of n elements the windows of k, m in number, start every α = (n − k) / (m − 1)
    elements, rounded: window i at floor((i + u)·α) − floor(u·α), the last one at n − k. Windows
    overlap where steps are shorter than they are. In the TRAIN phase u is drawn anew for each item,
    channel and axis; in the TEST phase it is 1/2, and the starts are computed in whole numbers.

    That is PyTorch's sequence, the paper's pseudo-random one with windows of any size: the paper's
    overlapping regions are those of `kernel_size: 2` at steps of 1 and 2. PyTorch's own layer
    draws u in the TEST phase, too; the paper averages over several such passes.

    The height and the width must be known. `output_ratio` gives floor(n·ratio) windows, the product
    rounded as floating-point numbers are.
    """

    family: ClassVar[str] = "pooling"
    source: ClassVar[str] = "Graham 2014, Fractional Max-Pooling; PyTorch's FractionalMaxPool2d"
    shape_rule: ClassVar[str] = (
        "N×C×H'×W', as `output_size` says, or H' = floor(H·output_ratio) and so for W'; at most "
        "H − kernel_size + 1"
    )
    flops_rule: ClassVar[str] = "for each element of the top, window − 1 comparisons"
    nonfinite: ClassVar[str | None] = "maxima differ as those of Pooling do"
    example: ClassVar[str] = """
        inputs: {data: [N, 32, 25, 25]}
        layers:
          - {name: fmp1, type: FractionalMaxPooling, kernel_size: 2, output_ratio: 0.7}
          - {name: fmp2, type: FractionalMaxPooling, kernel_size: 2, output_size: 12}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("FractionalMaxPool2d", "fractional_max_pool2d")
    field_synonyms: ClassVar[dict[str, str]] = {
        "kernel": "kernel_size",
        "pool_size": "kernel_size",
        "ratio": "output_ratio",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "return_indices": "leave it out: it gives its maxima alone",
        "pooling_ratio": "write `output_ratio`, which is 1 / pooling_ratio",
        "stride": "leave it out: `output_size` or `output_ratio` says how far windows are apart",
        "overlapping": "leave it out: windows of `kernel_size` overlap where steps are shorter",
    }

    kernel_size: Extents = Field(description="height and width of a window")
    output_size: Extents | None = Field(None, description="the number of windows")
    output_ratio: Ratios | None = Field(
        None, description="the number of windows as a share of the height and the width"
    )

    def check(self) -> Iterator[LayerError]:
        if self.output_size is not None and self.output_ratio is not None:
            yield LayerError(
                "field-conflict",
                "FractionalMaxPooling takes `output_size` or `output_ratio`, not both",
                field="output_ratio",
            )
        elif self.output_size is None and self.output_ratio is None:
            yield LayerError(
                "missing-field", "FractionalMaxPooling needs `output_size` or `output_ratio`"
            )

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        steps = []
        for axis, kernel in enumerate(spread(self.kernel_size, 2), start=2):
            size, count = self._known(axis, bottoms, tops)
            steps.append(fractional(axis, size, kernel, count))
        return (Along(0), Along(1), *steps)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = require_image(self, bottoms)
        require_extents(
            self,
            shape,
            kernel_size=self.kernel_size,
            output_size=self.output_size,
            output_ratio=self.output_ratio,
        )
        names = ("height", "width")
        sizes = [
            require_known(self, f"the image's {name}", size)
            for name, size in zip(names, shape[2:], strict=True)
        ]
        kernels, counts = spread(self.kernel_size, 2), self._counts(sizes)
        for name, size, kernel, count in zip(names, sizes, kernels, counts, strict=True):
            if not 1 <= count <= size - kernel + 1:
                raise self._misfit(name, size, kernel, count)
        return (bottoms[0].with_shape(*shape[:2], *counts),)

    def _counts(self, sizes: list[int]) -> tuple[int, ...]:
        """How many windows there are along axes of these sizes."""
        if self.output_size is not None:
            return spread(self.output_size, 2)
        ratio = self.output_ratio
        assert ratio is not None
        ratios = ratio if isinstance(ratio, tuple) else (ratio, ratio)
        return tuple(int(size * ratio) for size, ratio in zip(sizes, ratios, strict=True))

    def _misfit(self, name: str, size: int, kernel: int, count: int) -> LayerError:
        """Why there can't be so many windows along an axis."""
        if size < kernel:
            message, field = (
                f"a window's {name} is {kernel}, but the image's is {size}",
                "kernel_size",
            )
        elif count < 1:
            message, field = (
                f"`output_ratio` leaves no window along the {name} of {size}",
                "output_ratio",
            )
        else:
            field = "output_size" if self.output_ratio is None else "output_ratio"
            message = (
                f"`{field}` asks for {counted(count, 'window')} of {kernel} along the {name} of "
                f"{size}, where there are at most {size - kernel + 1}"
            )
        return LayerError("bad-value", message, field=field)

    def starts(self, bottoms: Types, tops: Types) -> tuple[list[int], ...]:
        """Where the windows of the TEST phase start along the height and along the width."""
        found = []
        for axis, kernel in enumerate(spread(self.kernel_size, 2), start=2):
            size, count = self._known(axis, bottoms, tops)
            found.append(fractional_starts(size, kernel, count))
        return tuple(found)

    def _known(self, axis: int, bottoms: Types, tops: Types) -> tuple[int, int]:
        """The sizes of an axis of the bottom and of the top, which the shape rule has seen to."""
        size, count = bottoms[0].shape[axis], tops[0].shape[axis]
        assert isinstance(size, int)
        assert isinstance(count, int)
        return size, count

    def work(self, bottoms: Types, tops: Types) -> Work:
        height, width = spread(self.kernel_size, 2)
        return Work({Kind.MAX_POOLING: tops[0].shape.elements * (height * width - 1)})

    def workspace(self, bottoms: Types, tops: Types) -> Size:
        height, width = spread(self.kernel_size, 2)
        return tops[0].shape.elements * height * width
