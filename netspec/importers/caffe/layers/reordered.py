"""Layers that put the elements of an image in another order: Im2col, Darknet's Reorg."""

from collections.abc import Sequence
from functools import partial
from itertools import chain
from math import prod

from netspec.graph.types import Shape
from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.layers.values import engine, per_axis, window
from netspec.importers.caffe.parts import CaffeLayer, Deferred, Part, Translated, Values
from netspec.importers.caffe.told import Told

_IMAGE = 4
MAX_LISTED = 2**14
"""The most places along an axis that are listed one by one."""


@translates("Reorg")
def reorg(layer: CaffeLayer) -> Translated:
    """Darknet's: it reads the image as one of fewer channels and more places, makes squares of
    places channels, and takes that for one of the size that it should have.
    """
    message = layer.message("reorg_param")
    reverse = message.told("reverse")
    if reverse is not None and reverse.value:
        layer.refuse("a Reorg backwards isn't imported", reverse.place)
    stride = message.told("stride")
    if stride is None or stride.value < 1:
        layer.refuse("a Reorg needs a `stride` of 1 or more", stride.place if stride else None)
    return Deferred("Reshape", partial(_reorg, layer, stride))


def _reorg(layer: CaffeLayer, stride: Told, bottoms: Sequence[Shape]) -> list[Part]:
    block = stride.value
    channels, height, width = _known(layer, bottoms[0], 1, _IMAGE)
    if channels % block**2 or height % block or width % block:
        layer.refuse(
            f"a Reorg of {block} needs channels that {block**2} divides, and a height and width "
            f"that {block} does, but reads {bottoms[0]}",
            stride.place,
        )
    larger = [0, channels // block**2, height * block, width * block]
    given = [0, channels * block**2, height // block, width // block]
    return [
        Part("Reshape", {"shape": stride.but(larger)}, "_larger", (0,), ()),
        Part("SpaceToDepth", {"block_size": stride}, "_squares", ("_larger",), ()),
        Part("Reshape", {"shape": stride.but(given)}, "", ("_squares",)),
    ]


def _known(layer: CaffeLayer, shape: Shape, first: int, rank: int | None = None) -> list[int]:
    """The sizes of the axes from one on, which must be numbers."""
    if rank is not None and shape.rank != rank:
        layer.refuse(f"a {layer.type.value} reads an image N×C×H×W, but this one reads {shape}")
    sizes = [size for size in shape[first:] if isinstance(size, int)]
    if len(sizes) != shape.rank - first:
        layer.refuse(
            f"what a {layer.type.value} gives depends on sizes, which are {shape} here",
            help="say how large the input is, as in `--input data=Nx3x224x224`",
        )
    return sizes


@translates("Im2col")
def im2col(layer: CaffeLayer) -> Translated:
    """What a convolution's kernel sees at each place, as channels of that place."""
    message = layer.message("convolution_param")
    engine(layer, message, "force_nd_im2col")
    axis = message.told("axis")
    kernel = window(message, "kernel_size", "kernel")
    if kernel is None:
        layer.refuse("an Im2col needs a `kernel_size`")
    others = {name: window(message, name, name) for name in ("stride", "pad")}
    sizes = others | {"kernel": kernel, "dilation": per_axis(message.every("dilation"))}
    for name, told in sizes.items():
        least = 0 if name == "pad" else 1
        if told is not None and min(_each(told.value, 1)) < least:
            layer.refuse(f"the {name} of an Im2col is {least} or more", told.place)
    return Deferred("Reshape", partial(_im2col, layer, axis.value if axis else 1, sizes))


def _each(value: int | list[int], count: int) -> list[int]:
    """A size along each axis."""
    return value if isinstance(value, list) else [value] * count


def _im2col(
    layer: CaffeLayer, axis: int, told: dict[str, Told | None], bottoms: Sequence[Shape]
) -> list[Part]:
    """Each place's neighbours side by side along an axis, then all of them in front of the places:
    the channel outermost, the kernel's last axis innermost.
    """
    shape = bottoms[0]
    if not -shape.rank <= axis < shape.rank:
        layer.refuse(f"{shape} has no axis {axis}")
    first = axis % shape.rank
    channels, *places = _known(layer, shape, first)
    sizes = _sizes(told, len(places))
    if not places or any(len(each) != len(places) for each in sizes):
        layer.refuse(f"the kernel of an Im2col has other axes than {shape} behind its channels")
    parts: list[Part] = []
    counts: list[int] = []
    given: int | str = 0
    for number, (size, *windows) in enumerate(zip(places, *sizes, strict=True), first + 1):
        count = _count(layer, size, windows)
        kernel, stride, pad, dilation = windows
        at: Values = {"axis": layer.implied(number)}
        if pad:
            margin = {"before": layer.implied(pad), "after": layer.implied(pad)}
            parts.append(Part("Pad", at | margin, f"_pad{number}", (given,), ()))
            given = f"_pad{number}"
        taken = [place * dilation + n * stride for place in range(kernel) for n in range(count)]
        chosen = at | {"indices": layer.implied(taken)}
        parts.append(Part("Gather", chosen, f"_at{number}", (given,), ()))
        given = f"_at{number}"
        counts.append(count)
    apart = [channels, *chain.from_iterable(zip(sizes[0], counts, strict=True))]
    # Behind the channels stand the kernel's axes and the places' by turns.
    behind = range(first + 1, first + len(apart))
    order = [*range(first + 1), *behind[::2], *behind[1::2]]
    joined = [channels * prod(sizes[0]), *counts]
    start = {"axis": layer.implied(first)}
    return [
        *parts,
        Part("Reshape", {"shape": layer.implied(apart)} | start, "_apart", (given,), ()),
        Part("Permute", {"order": layer.implied(order)}, "_kernels", ("_apart",), ()),
        Part("Reshape", {"shape": layer.implied(joined)} | start, "", ("_kernels",)),
    ]


def _sizes(told: dict[str, Told | None], count: int) -> list[list[int]]:
    """Kernel, stride, margin and dilation, each along each axis."""
    return [
        _each(default if (size := told[name]) is None else size.value, count)
        for name, default in (("kernel", 1), ("stride", 1), ("pad", 0), ("dilation", 1))
    ]


def _count(layer: CaffeLayer, size: int, windows: Sequence[int]) -> int:
    """How many places a kernel has along an axis."""
    kernel, stride, pad, dilation = windows
    count = (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1
    if count < 1:
        layer.refuse(f"the kernel of an Im2col is larger than the {size} places of its axis")
    if count * kernel > MAX_LISTED:
        layer.refuse(
            f"an Im2col lists {count * kernel:,} places along an axis, which are more than "
            f"{MAX_LISTED:,}"
        )
    return count
