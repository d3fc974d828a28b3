"""What layers ask of their bottoms: axes, known sizes, types of elements."""

from collections.abc import Iterator

from netspec.counted import counted
from netspec.graph.sizes import Size
from netspec.graph.types import Shape
from netspec.layers.answers import LayerError, Lint
from netspec.layers.base import Layer, Types
from netspec.layers.elements import INTEGERS, in_words


def require_spatial(layer: Layer, bottoms: Types, bottom: int = 0) -> Shape:
    """The bottom's shape, which must be N×C and one, two or three spatial axes."""
    shape = bottoms[bottom].shape
    if shape.rank - 2 not in (1, 2, 3):
        raise LayerError(
            "shape-mismatch",
            f"{layer.type_name} needs a bottom of one to three spatial axes, N×C×L, N×C×H×W or "
            f"N×C×D×H×W, but reads {shape}",
            bottom=bottom,
        )
    return shape


def require_image(layer: Layer, bottoms: Types, bottom: int = 0, help: str | None = None) -> Shape:
    """The bottom's shape, which must be N×C×H×W."""
    shape = bottoms[bottom].shape
    if shape.rank != 4:
        raise LayerError(
            "shape-mismatch",
            f"{layer.type_name} needs a bottom of four axes, N×C×H×W, but reads {shape}",
            bottom=bottom,
            help=help,
        )
    return shape


def require_known(layer: Layer, what: str, size: Size, bottom: int = 0) -> int:
    """A size that must be an integer, because a weight's shape depends on it."""
    if not isinstance(size, int):
        raise LayerError(
            "unknown-size",
            f"{layer.type_name} needs to know {what}, which is {size} here",
            bottom=bottom,
            help="give the network's input a fixed size, or pool to a known size before "
            "(`Pooling` with `output_size` or `global_pooling`)",
        )
    return size


def require_elements(layer: Layer, bottoms: Types) -> None:
    """Bottoms that hold what the layer takes, of one type where it wants that."""
    for number, bottom in enumerate(bottoms):
        taken = layer.takes(number)
        if bottom.dtype not in taken:
            raise LayerError(
                "wrong-type",
                f"{layer.type_name} computes with {in_words(taken)}, but {{{number}}} holds "
                f"{bottom.dtype}",
                bottom=number,
                help="an input holds float32 unless its `dtype` says otherwise"
                + ("" if taken == INTEGERS else "; only `Embed` makes real numbers of integers"),
            )
        if layer.one_type and bottom.dtype != bottoms[0].dtype:
            raise LayerError(
                "wrong-type",
                f"{layer.type_name} needs elements of one type, but {{0}} holds "
                f"{bottoms[0].dtype} and {{{number}}} {bottom.dtype}",
                bottom=number,
            )


def lint_axis(layer: Layer, bottoms: Types, meaning: str) -> Iterator[Lint]:
    """The warning on three axes whose layer doesn't say by `axis` which it means.

    They may be N×C×L, for which the default 1 is made, or a sequence N×T×C. `meaning` is what the
    default does with them. For an image the default is what is meant: see Caffe's InnerProduct.
    A sequence of a single channel, which N×C×1 would be, is nothing that a layer is learned on.
    """
    shape = bottoms[0].shape
    if shape.rank == 3 and shape[2] != 1 and "axis" not in layer.model_fields_set:
        yield Lint(
            "implied-axis",
            f"`{{here}}` doesn't say which axis of {shape} it means, and {meaning}",
            "`axis: -1` is the last one, the channels of a sequence N×T×C; `axis: 1` says that the "
            "default is meant",
        )


def resolve_axis(layer: Layer, axis: int, shape: Shape, field: str = "axis") -> int:
    """The axis counted from the front; negative ones count from the back."""
    if not -shape.rank <= axis < shape.rank:
        raise LayerError(
            "bad-axis",
            f"{layer.type_name}'s `{field}` is {axis}, but its bottom {shape} has "
            f"{counted(shape.rank, 'axis')}",
            field=field,
        )
    return axis % shape.rank
