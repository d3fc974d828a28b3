"""Flatten, Concat and Pad."""

from netspec.graph import Shape, Size, TensorType
from netspec.layers.shape import Concat, Flatten, Pad
from netspec.lower.onnx.emitter import Emitter


def concat(layer: Concat, to: Emitter) -> None:
    to.top("Concat", to.bottoms, axis=layer.axis % to.node.bottoms[0].shape.rank)


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


def pad(layer: Pad, to: Emitter) -> None:
    """ONNX lists what is added before every axis, then what is added behind every axis."""
    before, behind = zip(*layer.margins(to.node.bottoms[0].shape.rank), strict=True)
    inputs = [*to.bottoms, to.constant("margins", [*before, *behind])]
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

    def vector(length: int) -> TensorType:
        return TensorType(Shape((length,)), "int64")

    whole = to.step("whole", "Shape", to.bottoms, vector(rank))
    behind = to.step(
        "behind",
        "Slice",
        [whole, to.constant("start", [last + 1]), to.constant("end", [rank])],
        vector(rank - last - 1),
    )
    front = to.constant("front", [0] * first + [-1])
    length = first + rank - last
    return to.step("shape", "Concat", [front, behind], vector(length), axis=0)
