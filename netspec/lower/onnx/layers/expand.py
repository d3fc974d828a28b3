"""Expand."""

from itertools import groupby

import numpy as np

from netspec.layers.expand import Expand
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.sizes import joined, sizes_of


@lowers(Expand)
def expand(layer: Expand, to: Emitter) -> None:
    to.top("Expand", [to.bottoms[0], _target(layer, to)])


def _target(layer: Expand, to: Emitter) -> str:
    """The second bottom's sizes where axes are stretched, 1 elsewhere: ONNX's Expand leaves such
    an axis as it is. What isn't known is cut out of the bottom's shape.
    """
    wanted = to.node.bottoms[1].shape
    axes = layer.axes(wanted.rank)
    must_read = to.must_read(1)
    known: list[int | None] = [1] * wanted.rank
    for axis in axes:
        size = wanted[axis]
        known[axis] = size if isinstance(size, int) and not must_read else None
    if not known:
        return to.constant("shape", np.empty(0, np.int64))
    runs = groupby(range(wanted.rank), key=lambda axis: known[axis] is None)
    parts = [_part(to, known, [*run]) for _, run in runs]
    return parts[0] if len(parts) == 1 else joined(to, "shape", parts, wanted.rank)


def _part(to: Emitter, known: list[int | None], axes: list[int]) -> str:
    """The sizes along axes in a row, all known or none."""
    first, end = axes[0], axes[-1] + 1
    sizes = [size for size in known[first:end] if size is not None]
    if sizes:
        return to.constant(f"sizes{first}", sizes)
    return sizes_of(to, f"wanted{first}", 1, first, end)
