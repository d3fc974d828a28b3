"""Pooling of regions of interest."""

from netspec.eager.matrices import matmul
from netspec.eager.pointwise import absolute, clamp, compared, linear_in, where
from netspec.eager.reductions import sum_of
from netspec.eager.registry import Use, runs
from netspec.eager.tensor import Tensor, made
from netspec.eager.views import (
    cast,
    flatten,
    movedim,
    narrow,
    permute,
    reshape,
    select,
    squeeze,
    unflatten,
)
from netspec.eager.windows import pad
from netspec.graph.sizes import Size, product
from netspec.layers.roi import PSROIPooling, ROIAlign, ROIPooling

NEIGHBOURS = 6
"""Samples near an element, at most."""


def _table(x: Tensor) -> Tensor:
    """A row for each place of the last axis of each item, behind one for nothing."""
    rows = flatten(flatten(movedim(x, [3], [1]), 2), 0, 1)
    return pad(rows, (rows.shape[0] + 1, rows.shape[1]))


@runs(ROIPooling)
def roi_pooling(layer: ROIPooling, use: Use) -> Tensor:
    x, rois = use.bottoms
    count = rois.shape[0]
    strips = _maxima(x, count, layer.pooled_w)
    maxima = permute(_maxima(strips, count, layer.pooled_h), (0, 3, 1, 2))
    filled = use.tape.new((count, 1, layer.pooled_h, layer.pooled_w), "bool")
    return where(filled, maxima, 0)


def _maxima(x: Tensor, regions: Size, windows: int) -> Tensor:
    """The maxima along the last axis in windows, which become axis 1."""
    table, bags = _table(x), regions * windows
    places = x.tape.new((bags, x.shape[3] + 1), "int64")
    owners = x.tape.new((bags * (x.shape[3] + 1) + 1,), "int64")
    starts, sizes = (x.tape.new((bags,), "int64") for _ in range(2))
    width = table.shape[1]
    best = x.tape.new((bags, width), "int64")
    found = made([table], (bags, width), [places, starts, owners, sizes, best])
    return reshape(found, (regions, windows, x.shape[1], x.shape[2]))


@runs(ROIAlign)
def roi_align(layer: ROIAlign, use: Use) -> Tensor:
    x, rois = use.bottoms
    corners = narrow(rois, 1, 4) * layer.spatial_scale
    left, above, right, below = (select(corners, 1) for _ in range(4))
    ratio = layer.sampling_ratio
    columns = _weights(left, right, layer.pooled_w, x.shape[3], ratio)
    rows = _weights(above, below, layer.pooled_h, x.shape[2], ratio)
    return permute(_sums(_sums(x, columns), rows), (0, 3, 1, 2))


def _weights(start: Tensor, end: Tensor, count: int, size: Size, samples: int) -> Tensor:
    """What each element adds to each window of each region, regions x windows x elements."""
    tape, kind, regions = start.tape, start.dtype, start.shape[0]
    length = reshape(clamp(end + start) / count, (regions, 1, 1, 1))
    start = reshape(start, (regions, 1, 1, 1))
    window = tape.new((count, 1, 1), kind)
    element = tape.new((size, 1), kind)
    if samples == 0:
        total = linear_in(length)
        before = (element + start) * total / length + window * total
        number = clamp(linear_in(before)) + tape.new((NEIGHBOURS,), kind)
    else:
        total = tape.new(length.shape, kind)
        number = tape.new((samples,), kind)
    place = start + length * ((window * total + number + 0.5) / total)
    inside = compared(place, number)
    distance = absolute(clamp(place) + element)
    weights = where(inside, clamp(1 - distance), 0)
    return sum_of(weights, [3]) / squeeze(total, 3)


def _sums(x: Tensor, weights: Tensor) -> Tensor:
    """Weighted sums along the last axis, which become axis 1."""
    table = _table(x)
    regions, windows, size = weights.shape
    bags = regions * windows
    places = x.tape.new((bags, size), "int64")
    starts, sizes, best = (x.tape.new((bags,), "int64") for _ in range(3))
    weights = cast(flatten(weights, 0, 1), table.dtype)
    keeps = [places, starts, weights, sizes, best]
    keeps += [table] if weights.needs_gradient else []
    found = made([table, weights], (bags, table.shape[1]), keeps)
    return reshape(found, (regions, windows, x.shape[1], x.shape[2]))


@runs(PSROIPooling)
def psroi_pooling(layer: PSROIPooling, use: Use) -> Tensor:
    x, rois = use.bottoms
    size, places = layer.group_size, (x.shape[0], *x.shape[2:])
    shares = use.tape.new((size, size, rois.shape[0], product(list(places))), x.dtype)
    parted = unflatten(x, 1, (x.shape[1] // (size * size), size, size))
    maps = flatten(permute(parted, (2, 3, 0, 4, 5, 1)), 2, 4)
    return permute(matmul(shares, maps), (2, 3, 0, 1))
