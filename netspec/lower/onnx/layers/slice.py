"""Slice."""

from collections.abc import Sequence
from itertools import pairwise

from netspec.layers.slice import Slice
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers

END = 2**63 - 1
"""What ONNX's Slice takes for the end of an axis, however long it is."""
NUM_OUTPUTS = 18
"""The opset since which a Split into equal parts says how many."""


@lowers(Slice)
def cut(layer: Slice, to: Emitter) -> None:
    """Split, with the sizes of the parts where they are known; else each part by its bounds."""
    axis = layer.axis % to.node.bottoms[0].shape.rank
    if len(to.node.tops) == 1:
        to.top("Identity", to.bottoms)
        return
    sizes = [size for size in (top.shape[axis] for top in to.node.tops) if isinstance(size, int)]
    if len(sizes) == len(to.node.tops):
        to.tops("Split", [*to.bottoms, to.constant("split", sizes)], axis=axis)
    elif layer.slice_point:
        _parts(to, axis, [0, *layer.slice_point, END])
    elif to.opset < NUM_OUTPUTS:
        to.tops("Split", to.bottoms, axis=axis)
    else:
        to.tops("Split", to.bottoms, axis=axis, num_outputs=len(to.node.tops))


def _parts(to: Emitter, axis: int, bounds: Sequence[int]) -> None:
    axes = to.constant("axes", [axis])
    for number, (start, end) in enumerate(pairwise(bounds)):
        ends = to.constant(f"start{number}", [start]), to.constant(f"end{number}", [end])
        inputs = [*to.bottoms, *ends, axes]
        if number == 0:
            to.top("Slice", inputs)
        else:
            to.further_top(number, "Slice", inputs)
