"""Sizes in the words of papers, for what drawings call a layer."""

from netspec.layers.base import Types
from netspec.layers.fields import Extents, spread


def by(sizes: Extents, bottoms: Types) -> str:
    """`3×3`: a size for each spatial axis of the first bottom."""
    return "×".join(map(str, spread(sizes, max(bottoms[0].shape.rank - 2, 1))))


def step(stride: Extents, bottoms: Types, sign: str = "/") -> str:
    """`, /2`: the steps between windows, nothing where they are 1; a number where all are equal."""
    steps = spread(stride, max(bottoms[0].shape.rank - 2, 1))
    if set(steps) == {1}:
        return ""
    said = str(steps[0]) if len(set(steps)) == 1 else "×".join(map(str, steps))
    return f", {sign}{said}"
