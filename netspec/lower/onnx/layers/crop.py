"""Crop."""

from collections.abc import Iterable

from netspec.graph import Size
from netspec.layers.crop import Crop
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.sizes import sizes_of, told, vector


@lowers(Crop)
def crop(layer: Crop, to: Emitter) -> None:
    """Slice, up to the offset and the second bottom's size, which may have to be computed."""
    rank = to.node.bottoms[0].shape.rank
    first = layer.axis % rank
    if layer.center:
        starts, ends = _in_the_middle(to, first, rank)
    else:
        starts, ends = _from_offsets(to, layer.offsets(rank)[first:], first, rank)
    axes = to.constant("axes", range(first, rank))
    to.top("Slice", [to.bottoms[0], starts, ends, axes])


def _from_offsets(to: Emitter, offsets: list[Size], first: int, rank: int) -> tuple[str, str]:
    starts = told(to, "starts", offsets, range(first, rank))
    behind = zip(offsets, to.node.bottoms[1].shape[first:], strict=True)
    known = _known(offset + size for offset, size in behind)
    if known is not None and not to.must_read(1):
        return starts, to.constant("ends", known)
    ends = sizes_of(to, "wanted", 1, first, rank)
    if any(offsets):
        ends = to.step("ends", "Add", [ends, starts], vector(rank - first))
    return starts, ends


def _in_the_middle(to: Emitter, first: int, rank: int) -> tuple[str, str]:
    sizes, wanted = (_known(blob.shape[first:]) for blob in to.node.bottoms)
    if sizes is not None and wanted is not None and not to.must_read(1):
        known = [(size - kept) // 2 for size, kept in zip(sizes, wanted, strict=True)]
        ends = [start + kept for start, kept in zip(known, wanted, strict=True)]
        return to.constant("starts", known), to.constant("ends", ends)
    type = vector(rank - first)
    kept = sizes_of(to, "wanted", 1, first, rank)
    margin = to.step("margin", "Sub", [sizes_of(to, "sizes", 0, first, rank), kept], type)
    starts = to.step("starts", "Div", [margin, to.constant("two", [2])], type)
    return starts, to.step("ends", "Add", [starts, kept], type)


def _known(sizes: Iterable[Size]) -> list[int] | None:
    """The sizes; None where one isn't known."""
    given = list(sizes)
    known = [size for size in given if isinstance(size, int)]
    return known if len(known) == len(given) else None
