"""Identity, Flatten, Permute, Concat, Tile and Pad."""

from netspec.graph import Shape, Size
from netspec.layers.shape import Concat, Flatten, Identity, Pad, Permute, Tile
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.sizes import joined, sizes_of, told


@lowers(Identity)
def identity(layer: Identity, to: Emitter) -> None:
    to.top("Identity", to.bottoms)


@lowers(Concat)
def concat(layer: Concat, to: Emitter) -> None:
    to.top("Concat", to.bottoms, axis=layer.axis % to.node.bottoms[0].shape.rank)


@lowers(Flatten)
def flatten(layer: Flatten, to: Emitter) -> None:
    """ONNX's Flatten where it can say it (two axes remain, the first untouched), else Reshape."""
    bottom, top = to.node.bottoms[0].shape, to.node.tops[0].shape
    first, last = layer.axis % bottom.rank, layer.end_axis % bottom.rank
    if first == 1 and last == bottom.rank - 1:
        to.top("Flatten", to.bottoms, axis=1)
        return
    target = _constant_target(top, first)
    if target is not None:
        to.top("Reshape", [*to.bottoms, to.constant("shape", target)])
    else:
        to.top("Reshape", [*to.bottoms, _computed_target(to, bottom.rank, first, last)])


@lowers(Permute)
def permute(layer: Permute, to: Emitter) -> None:
    to.top("Transpose", to.bottoms, perm=layer.order)


@lowers(Tile)
def tile(layer: Tile, to: Emitter) -> None:
    counts = [1] * to.node.bottoms[0].shape.rank
    counts[layer.axis] = layer.tiles
    to.top("Tile", [*to.bottoms, to.constant("repeats", counts)])


@lowers(Pad)
def pad(layer: Pad, to: Emitter) -> None:
    """ONNX lists what is added before every axis, then what is added behind every axis."""
    rank = to.node.bottoms[0].shape.rank
    before, behind = zip(*layer.margins(rank), strict=True)
    margins = told(to, "margins", [*before, *behind], [*range(rank)] * 2)
    inputs = [*to.bottoms, margins]
    if layer.value:
        inputs.append(to.float_constant("value", layer.value))
    to.top("Pad", inputs)


def _constant_target(top: Shape, first: int) -> list[int] | None:
    """Reshape's target with 0 for sizes that stay in their place and -1 for one unknown size;
    None where more than one is unknown.
    """
    target = [0] * first + [_known(size) for size in top[first:]]
    return target if target.count(-1) <= 1 else None


def _known(size: Size) -> int:
    return size if isinstance(size, int) else -1


def _computed_target(to: Emitter, rank: int, first: int, last: int) -> str:
    """The target computed from the bottom's shape as it is when the network runs."""
    front = to.constant("front", [0] * first + [-1])
    behind = sizes_of(to, "behind", 0, last + 1, rank)
    return joined(to, "shape", [front, behind], first + rank - last)
