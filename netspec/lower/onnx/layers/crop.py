"""Crop."""

from netspec.layers.crop import Crop
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.sizes import sizes_of, told, vector


@lowers(Crop)
def crop(layer: Crop, to: Emitter) -> None:
    """Slice, up to the offset and the second bottom's size, which may have to be computed."""
    rank = to.node.bottoms[0].shape.rank
    first = layer.axis % rank
    offsets = layer.offsets(rank)[first:]
    starts = told(to, "starts", offsets, range(first, rank))
    behind = zip(offsets, to.node.bottoms[1].shape[first:], strict=True)
    known = [size for size in (sum(pair) for pair in behind) if isinstance(size, int)]
    if len(known) == rank - first and not to.must_read(1):
        ends = to.constant("ends", known)
    else:
        ends = sizes_of(to, "wanted", 1, first, rank)
        if any(offsets):
            ends = to.step("ends", "Add", [ends, starts], vector(rank - first))
    axes = to.constant("axes", range(first, rank))
    to.top("Slice", [to.bottoms[0], starts, ends, axes])
