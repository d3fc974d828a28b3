"""Reshape."""

from itertools import groupby

from netspec.layers.reshape import Reshape
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.sizes import joined, sizes_of, told


@lowers(Reshape)
def reshape(layer: Reshape, to: Emitter) -> None:
    """ONNX's Reshape has 0 and -1 as well; what they can't say is read off the bottom."""
    bottom, top = to.node.bottoms[0].shape, to.node.tops[0].shape
    copied, computed = layer.copied(bottom.rank), layer.told(bottom.rank)
    target = []
    for axis, size in enumerate(top):
        stays = copied.get(axis) == axis
        target.append(size if isinstance(size, int) else 0 if stays else -1)
    if target.count(-1) <= 1:
        to.top("Reshape", [*to.bottoms, to.constant("shape", target)])
        return
    moved = {axis for axis, size in enumerate(target) if size == -1 and axis in copied}

    def group(axis: int) -> int:
        # Sizes that have moved stand behind the axes replaced, next to each other.
        return -1 if axis in moved else axis if axis in computed else -2

    parts = []
    for kind, axes in groupby(range(top.rank), key=group):
        first, *_, last = [*axes] * 2
        if kind == -1:
            label = f"sizes{first}"
            parts.append(sizes_of(to, label, 0, copied[first], copied[last] + 1))
        elif kind == -2:
            parts.append(to.constant(f"shape{first}", target[first : last + 1]))
        else:
            parts.append(told(to, f"size{first}", [top[first]], [first]))
    to.top("Reshape", [*to.bottoms, joined(to, "shape", parts, top.rank)])
