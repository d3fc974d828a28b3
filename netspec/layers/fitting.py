"""Shapes that should be equal and aren't: where they differ, and what would make them fit."""

from collections.abc import Mapping
from functools import lru_cache

from netspec.graph.bounds import differing, enough_factor, equal, positive, stated, value
from netspec.graph.sizes import Size, substitute, symbols
from netspec.graph.types import Shape

IMAGES = (4, 5)
"""The ranks of images and volumes; three axes may be a sequence, to which no advice fits."""


def alike(one: Shape, other: Shape) -> bool:
    """Whether two shapes are known to be equal, whatever values their symbols have."""
    return one == other or (
        one.rank == other.rank and all(equal(*pair) for pair in zip(one, other, strict=True))
    )


def difference(one: Shape, other: Shape) -> str:
    """`, which differ where H is 3`: the end of a message on shapes whose formulas are others.

    Empty where their numbers say it all.
    """
    if one.rank != other.rank:
        return ""
    for here, there in zip(one, other, strict=True):
        if not equal(here, there):
            values = differing(here, there)
            return f", which differ where {stated(values)}" if values else ""
    return ""


def advice(
    one: Shape,
    other: Shape,
    number: int,
    stretching: str | None = None,
    *,
    shortcut: bool = False,
) -> str | None:
    """What would make the first bottom and another one fit; None where nothing simple does.

    Sizes that differ for some values of their symbols may agree for multiples. `stretching` is the
    layer that does the same with a smaller blob stretched over a larger one; with `shortcut` the
    second may be what goes around a residual branch.
    """
    done = _done(one, other, number, stretching, shortcut)
    return "; or ".join(filter(None, (done, _multiples(one, other)))) or None


def _multiples(one: Shape, other: Shape) -> str | None:
    """The advice to make sizes multiples, where the shapes then agree."""
    if one.rank != other.rank:
        return None
    apart = [(here, there) for here, there in zip(one, other, strict=True) if here != there]
    known = [size for pair in apart for size in pair if isinstance(size, int)]
    # No multiple of a symbol is always a certain number.
    return None if known else _factor_of(tuple(apart))


@lru_cache(maxsize=256)
def _factor_of(apart: tuple[tuple[Size, Size], ...]) -> str | None:
    def agree(multiples: Mapping[str, Size], factor: int) -> bool:
        for times in (1, 2):
            tried = dict.fromkeys(multiples, factor * times)
            if any(value(here, tried) != value(there, tried) for here, there in apart):
                return False
        given = dict(multiples)
        return all(equal(*(substitute(size, given) for size in pair)) for pair in apart)

    return enough_factor({name for pair in apart for each in pair for name in symbols(each)}, agree)


def _done(
    one: Shape, other: Shape, number: int, stretching: str | None, shortcut: bool
) -> str | None:
    """What a layer in between would do."""
    first, second = "{0}", f"{{{number}}}"
    for whole, small, names in ((one, other, (first, second)), (other, one, (second, first))):
        axis = _stretches(small, whole)
        if stretching is not None and axis is not None:
            more = f", axis: {axis}" if axis != 1 and small.rank != whole.rank else ""
            return (
                f"`type: {stretching}, bottom: [{', '.join(names)}]{more}` stretches `{names[1]}` "
                f"over `{names[0]}`"
            )
    if one.rank != other.rank or one.rank not in IMAGES:
        return None
    if one[1] == other[1]:
        if _slightly_larger(one, other):
            return _sized("Crop", first, second)
        if _slightly_larger(other, one):
            return _sized("Crop", second, first)
    projection = _projection(one, other) if shortcut else None
    return projection or _enlarging(one, other, first, second)


def _stretches(small: Shape, whole: Shape) -> int | None:
    """The axis of a blob from which on a smaller one can be stretched over it; None if none is."""
    if small.rank == whole.rank:
        pairs = zip(small, whole, strict=True)
        return 0 if all(size == 1 or equal(size, large) for size, large in pairs) else None
    for axis in range(whole.rank - small.rank + 1):
        if small.rank and all(map(equal, small, whole[axis : axis + small.rank])):
            return axis
    return None


def _slightly_larger(large: Shape, small: Shape) -> bool:
    """Whether an image is as large as another or one element more along an axis, at any size."""
    gaps = [one - other for one, other in zip(large[2:], small[2:], strict=True)]
    return all(_always(gap) and _always(1 - gap) for gap in gaps)


def _always(size: Size) -> bool:
    """Whether a size is 0 or more, whatever values its symbols have."""
    if isinstance(size, int):
        return size >= 0
    return positive(size + 1, {}).holds is True


def _projection(body: Shape, shortcut: Shape) -> str | None:
    """What would make the second of two images fit the first by a convolution of its own."""
    strides = []
    for here, there in zip(body[2:], shortcut[2:], strict=True):
        if here == there:
            strides.append(1)
        elif isinstance(here, int) and isinstance(there, int) and there > here:
            strides.append(-(-there // here))
        else:
            return None
    if len(set(strides)) > 1:
        return None
    parts = [f"to {body[1]} channels"] if body[1] != shortcut[1] else []
    parts += [f"with stride {strides[0]}"] if strides[0] > 1 else []
    return f"project the shortcut {' '.join(parts)}" if parts else None


def _sized(layer: str, blob: str, wanted: str) -> str:
    return f"`type: {layer}, bottom: [{blob}, {wanted}]` gives `{blob}` the size of `{wanted}`"


def _enlarging(one: Shape, other: Shape, first: str, second: str) -> str | None:
    """An Upsample of the smaller of two images with equal channels to the size of the other."""
    if one[1] != other[1]:
        return None
    large, small = (second, first) if _any_smaller(one, other) else (first, second)
    return _sized("Upsample", small, large)


def _any_smaller(one: Shape, other: Shape) -> bool:
    gaps = [there - here for here, there in zip(one[2:], other[2:], strict=True)]
    return all(map(_always, gaps))
