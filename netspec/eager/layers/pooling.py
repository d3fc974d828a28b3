"""Pooling."""

from netspec.eager.pointwise import clamp
from netspec.eager.reductions import cat, extreme, gather, mean, norm, sum_of
from netspec.eager.registry import Use, runs
from netspec.eager.tensor import Tensor, made
from netspec.eager.views import flatten, squeeze, unflatten, unfold, unsqueeze
from netspec.eager.windows import (
    adaptive_avg_pool,
    adaptive_max_pool,
    avg_pool,
    fractional_max_pool,
    indexed,
    lp_pool,
    max_pool,
    pad,
)
from netspec.graph.sizes import product
from netspec.layers.fields import aligned, spread
from netspec.layers.fractional import FractionalMaxPooling
from netspec.layers.pooling import Pooling
from netspec.layers.spp import SPP
from netspec.layers.unpooling import Unpooling


@runs(Pooling)
def pooling(layer: Pooling, use: Use) -> Tensor | list[Tensor]:
    axis = layer.along_axis(use.reads[0].shape)
    if axis is not None:
        return _along(layer, axis, use)
    match layer.pool:
        case "MAX":
            return _maximum(layer, use)
        case "AVE":
            return _average(layer, use)
        case "L2":
            return _norm(layer, use)
        case _:
            return _by_chance(layer, use)


def _along(layer: Pooling, axis: int, use: Use) -> Tensor:
    summary = {"MAX": extreme, "AVE": mean, "L2": norm}[layer.pool]
    if layer.kernel_size is None:
        return summary(use.x, [axis], keepdim=True)
    (kernel,), (stride,) = spread(layer.kernel_size, 1), spread(layer.stride, 1)
    return summary(unfold(use.x, axis, kernel, stride), [-1])


def _in_margins(layer: Pooling, use: Use, always: bool = False) -> Tensor:
    """The image with margins, if there are any, in which all windows are whole ones."""
    before = layer.along(use.x.rank - 2)[2]
    behind = layer.behind(use.reads[0].shape, use.gives[0].shape)
    if not (always or any((*before, *behind))):
        return use.x
    sizes = zip(use.x.shape[2:], before, behind, strict=True)
    return pad(use.x, (*use.x.shape[:2], *(size + a + b for size, a, b in sizes)))


def _is_narrow(layer: Pooling) -> bool:
    assert layer.kernel_size is not None
    return all(2 * pad <= size for pad, size in aligned(layer.pad, layer.kernel_size))


def _maximum(layer: Pooling, use: Use) -> list[Tensor]:
    places = use.shape[2:].sizes
    if layer.kernel_size is None:
        found = adaptive_max_pool(use.x, places)
    elif _is_narrow(layer):
        found = max_pool(use.x, places, asked=len(use.gives) > 1)
    else:
        maxima, mask = max_pool(_in_margins(layer, use), places, asked=True)
        # Where they lie in the image itself is worked out anew.
        found = maxima, use.tape.new(mask.shape, mask.dtype)
    return [*found[: len(use.gives)]]


def _average(layer: Pooling, use: Use) -> Tensor:
    places = use.shape[2:].sizes
    if layer.kernel_size is None:
        return adaptive_avg_pool(use.x, places)
    if _is_narrow(layer) and _averages_margins(layer, use):
        return avg_pool(use.x, places)
    x = _in_margins(layer, use)
    if _counts_margins(layer, use):
        return avg_pool(x, places)
    counts = use.tape.new((1, 1, *places), x.dtype)
    if x.rank == 3:
        (kernel,), (stride,) = spread(layer.kernel_size, 1), spread(layer.stride, 1)
        return sum_of(unfold(x, 2, kernel, stride), [-1]) / clamp(counts)
    return avg_pool(x, places) / clamp(counts)


def _averages_margins(layer: Pooling, use: Use) -> bool:
    sizes, (kernel, _, margin) = use.reads[0].shape[2:], layer.along(use.x.rank - 2)
    fits = (isinstance(n, int) and n >= k for n, k in zip(sizes, kernel, strict=True))
    return len(sizes) < 3 or not any(margin) or all(fits)


def _counts_margins(layer: Pooling, use: Use) -> bool:
    """Whether all margins count as zeros: then it's a plain average."""
    before = layer.along(use.x.rank - 2)[2]
    behind = layer.behind(use.reads[0].shape, use.gives[0].shape)
    if not layer.count_include_pad:
        return not any((*before, *behind))
    return all(b <= a for a, b in zip(before, behind, strict=True))


def _norm(layer: Pooling, use: Use) -> Tensor:
    if layer.kernel_size is None:
        return norm(use.x, range(2, use.x.rank), keepdim=True)
    return lp_pool(_in_margins(layer, use), use.shape[2:].sizes)


def _by_chance(layer: Pooling, use: Use) -> Tensor:
    x = use.x
    if layer.kernel_size is None:
        windows = unsqueeze(unsqueeze(flatten(x, 2), 2), 2)
    else:
        (high, wide), (down, across), _ = layer.along(2)
        windows = unfold(
            unfold(_in_margins(layer, use, always=True), 2, high, down), 3, wide, across
        )
        windows = flatten(windows, -2)
    chosen = use.tape.new((*windows.shape[:-1], 1), "int64")
    return squeeze(gather(windows, chosen), -1)


@runs(FractionalMaxPooling)
def fractional(layer: FractionalMaxPooling, use: Use) -> Tensor:
    if not use.tape.training:
        return _at_fixed_places(layer, use)
    return fractional_max_pool(use.x, use.shape[2:].sizes)[0]


def _at_fixed_places(layer: FractionalMaxPooling, use: Use) -> Tensor:
    """The windows laid side by side: `x[:, :, rows][:, :, :, columns]`."""
    x = use.x
    windows = zip(use.shape[2:], spread(layer.kernel_size, 2), strict=True)
    for axis, (count, kernel) in enumerate(windows, start=2):
        size = count * kernel
        indices = x.tape.new((size,), "int64")
        x = indexed(x, indices, (*x.shape[:axis], size, *x.shape[axis + 1 :]))
    return max_pool(x, use.shape[2:].sizes)[0]


@runs(SPP)
def pyramid(layer: SPP, use: Use) -> Tensor:
    pool = adaptive_avg_pool if layer.pool == "AVE" else _maxima
    levels = []
    for number in range(layer.pyramid_height):
        count = 1 << number
        levels.append(flatten(pool(_for_level(use.x, count), (count, count)), 1))
    return cat(levels, 1)


def _maxima(x: Tensor, places: "tuple[int, ...]") -> Tensor:
    return adaptive_max_pool(x, places)[0]


def _for_level(x: Tensor, count: int) -> Tensor:
    """The image with the margins that make it a multiple."""
    sizes = (-((-size) // count) * count for size in x.shape[2:])
    return pad(x, (*x.shape[:2], *sizes))


@runs(Unpooling)
def unpooling(layer: Unpooling, use: Use) -> Tensor:
    x, mask = use.bottoms
    rank, places = x.rank, use.shape[2:].sizes
    if rank > 3:
        x, mask = flatten(x, 2), flatten(mask, 2)
    found = made([x], (*x.shape[:2], product(list(places))), [mask])
    return found if rank == 3 else unflatten(found, 2, places)
