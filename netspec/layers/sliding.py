"""What is seen along an axis through windows that slide: strided, transposed, adaptive, resized.

A layer's `reach` is made of these. The windows are those within the bottom; at its edges a window
is cut off, which is no matter of how large it is. Sources: Dumoulin and Visin 2016, A guide to
convolution arithmetic; Araujo et al. 2019, Computing Receptive Fields of Convolutional Neural
Networks.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from math import gcd

from netspec.graph.reach import EVERY, MAX_PERIOD, WHOLE, Along, Among, Part, Reach, Step, Windows
from netspec.graph.sizes import Size, product, slope
from netspec.layers.base import Layer, Types
from netspec.layers.fields import Extents, spread
from netspec.quick import frozen

REMEMBERED = 1024
"""How many steps are kept; networks have few, over and over again."""


@lru_cache(REMEMBERED)
def sliding(axis: int, kernel: int, stride: int, pad: int, dilation: int = 1) -> Step:
    """What a convolution or a pooling sees along an axis.

    >>> sliding(2, kernel=3, stride=2, pad=1).windows
    Windows(first=(-1,), last=(1,), advance=2)
    """
    return Along(axis, Windows((-pad,), (dilation * (kernel - 1) - pad,), stride))


@lru_cache(REMEMBERED)
def filtering(
    axes: int, kernel: Extents, stride: Extents, pad: Extents, dilation: Extents = 1
) -> Reach:
    """What a filter sees that slides along so many axes; a number of each serves them all."""
    settings = (spread(each, axes) for each in (kernel, stride, pad, dilation))
    windows = enumerate(zip(*settings, strict=True), start=2)
    return filtered(*[sliding(axis, *each) for axis, each in windows])


@lru_cache(REMEMBERED)
def filtered(*axes: Step) -> Reach:
    """What a filter sees that slides along all axes behind the channels, and sees all of these."""
    return (Along(0), WHOLE, *axes)


@lru_cache(REMEMBERED)
def pointwise_but(rank: int, axes: Collection[int], step: Step) -> Reach:
    """What is seen of a bottom of so many axes, each by itself but for these."""
    return tuple([step if axis in axes else Along(axis) for axis in range(rank)])


@lru_cache(REMEMBERED)
def transposed(axis: int, kernel: int, stride: int, pad: int, dilation: int = 1) -> Step:
    """What a transposed convolution sees: element q of the top has its part of each element p of
    the bottom with q = p·stride − pad + tap·dilation.

    >>> transposed(2, kernel=2, stride=2, pad=0).windows
    Windows(first=(0, 0), last=(0, 0), advance=1)
    """
    if stride > MAX_PERIOD:
        return Among((axis,), size=dilation * (kernel - 1) // stride + 1)
    windows = [_painted_by(place + pad, kernel, stride, dilation) for place in range(stride)]
    return Along(axis, Windows(_firsts(windows), _lasts(windows), 1))


def _painted_by(place: int, kernel: int, stride: int, dilation: int) -> tuple[int, int] | None:
    """The first and the last window whose taps meet a place; None where none does."""
    common = gcd(dilation, stride)
    if place % common:
        return None
    # The taps that meet it are so far apart, and the least of them is found within one such turn.
    turn = stride // common
    least = place // common * pow(dilation // common, -1, turn) % turn
    if least >= kernel:
        return None
    most = least + (kernel - 1 - least) // turn * turn
    return (place - most * dilation) // stride, (place - least * dilation) // stride


def _firsts(windows: list[tuple[int, int] | None]) -> tuple[int, ...]:
    """Where windows begin; an empty one as Windows has it."""
    found = []
    following = next(each[0] for each in windows if each is not None) + 1
    for window in reversed(windows):
        following = window[0] if window is not None else following
        found.append(following)
    return tuple(reversed(found))


def _lasts(windows: list[tuple[int, int] | None]) -> tuple[int, ...]:
    """Where windows end."""
    found = []
    before = next(each[1] for each in reversed(windows) if each is not None) - 1
    for window in windows:
        before = window[1] if window is not None else before
        found.append(before)
    return tuple(found)


@frozen
class Pooled:
    """What each place of a pooling's mask saw of an image, axis by axis, for when it's asked."""

    layer: Layer
    bottoms: Types

    def __call__(self) -> Sequence[Step]:
        reach = self.layer.reach(0, 0, self.bottoms, ())
        assert isinstance(reach, tuple)
        return reach[2:]


@lru_cache(REMEMBERED)
def covering(step: Step) -> Step:
    """What a place sees that sees the windows of a pooling which cover it.

    >>> covering(sliding(2, kernel=3, stride=2, pad=1)).windows
    Windows(first=(0, 0), last=(0, 1), advance=1)
    """
    if step is WHOLE:
        return Part(0, 0)
    if not isinstance(step, Along):
        return EVERY
    own, count, turn = step.windows, len(step.windows.first), step.windows.advance
    if turn > MAX_PERIOD:
        return Among((step.axis,), size=(own.size - 1) * count // turn + 2)
    windows = [_those_around(place, own) for place in range(turn)]
    return Along(step.axis, Windows(_firsts(windows), _lasts(windows), count))


def _those_around(place: int, windows: Windows) -> tuple[int, int] | None:
    """The first and the last of the windows that a place lies in; None where it lies in none."""
    count, turn = len(windows.first), windows.advance
    first = min(-((last - place) // turn) * count + n for n, last in enumerate(windows.last))
    last = max((place - first) // turn * count + n for n, first in enumerate(windows.first))
    return (first, last) if first <= last else None


def adaptive(axis: int, size: Size, count: int) -> Step:
    """What so many windows see that cover an axis: the i-th from floor(i·size / count) to
    ceil((i + 1)·size / count).

    >>> adaptive(2, 7, 3).windows
    Windows(first=(0, 2, 4), last=(2, 4, 6), advance=7)
    """
    if count == 1:
        return WHOLE
    if not isinstance(size, int):
        return EVERY
    return _adaptive(axis, size, count)


@lru_cache(REMEMBERED)
def _adaptive(axis: int, size: int, count: int) -> Step:
    common = gcd(size, count)
    size, count = size // common, count // common
    if count > MAX_PERIOD:
        return Among((axis,), size=size // count + 2)
    first = [i * size // count for i in range(count)]
    last = [-(-(i + 1) * size // count) - 1 for i in range(count)]
    return Along(axis, Windows(tuple(first), tuple(last), size))


def fractional(axis: int, size: int, kernel: int, count: int) -> Step:
    """What windows see that are `fractional_starts` apart."""
    room, steps = size - kernel, 2 * (count - 1)
    if steps == 0:
        return Part(room, size - 1)
    period = steps // 2 // gcd(room, steps // 2)
    if period > MAX_PERIOD:
        return Among((axis,), size=kernel)
    first = [(2 * i + 1) * room // steps - room // steps for i in range(period)]
    last = [start + kernel - 1 for start in first]
    return Along(axis, Windows(tuple(first), tuple(last), room * period * 2 // steps))


def nearest(axis: int, size: Size, to: Size) -> Step:
    """What an element sees that is a copy of element floor(i·size / to) of the bottom."""
    ratio = _ratio(size, to)
    return EVERY if ratio is None else resized(axis, *ratio, False)


def linear(axis: int, size: Size, to: Size, align_corners: bool) -> Step:
    """What an element sees that lies between elements, at (i + 0.5)·size / to − 0.5 or, with
    `align_corners`, at i·(size − 1) / (to − 1).
    """
    if align_corners and isinstance(size, int) and isinstance(to, int):
        if to == 1 or size == 1:
            return Part(0, 0)
        return _aligned(axis, size - 1, to - 1)
    ratio = _ratio(size, to)
    if ratio is None:
        return EVERY
    return _aligned(axis, *ratio) if align_corners else resized(axis, *ratio, True)


def _ratio(size: Size, to: Size) -> tuple[int, int] | None:
    """size / to in lowest terms; of symbolic sizes what it comes to as images grow."""
    if isinstance(size, int) and isinstance(to, int):
        common = gcd(size, to)
        return size // common, to // common
    one, other = slope(size), slope(to)
    if one is None or other is None or one[0] != other[0]:
        return None
    above, below = one[1] * other[2], one[2] * other[1]
    common = gcd(above, below)
    return above // common, below // common


@lru_cache(REMEMBERED)
def resized(axis: int, size: int, to: int, between: bool) -> Step:
    """What is seen where so many elements become others, by copies or `between` two of them."""
    if to > MAX_PERIOD:
        return Among((axis,), size=1 + between)
    if not between:
        places = tuple([i * size // to for i in range(to)])
        return Along(axis, Windows(places, places, size))
    middles = [(2 * i + 1) * size - to for i in range(to)]
    return _between(axis, middles, 2 * to, size)


@lru_cache(REMEMBERED)
def _aligned(axis: int, size: int, to: int) -> Step:
    common = gcd(size, to)
    size, to = size // common, to // common
    if to > MAX_PERIOD:
        return Among((axis,), size=2)
    return _between(axis, [i * size for i in range(to)], to, size)


def _between(axis: int, places: list[int], divisor: int, advance: int) -> Step:
    """What is seen by elements at fractions of the bottom's: the elements on both sides."""
    first = tuple([place // divisor for place in places])
    last = tuple([-(-place // divisor) for place in places])
    return Along(axis, Windows(first, last, advance))


def shifted(axis: int, by: Size) -> Step:
    """What an axis sees that begins `by` elements behind the beginning of the bottom's."""
    return Along(axis, Windows((by,), (by,), 1)) if isinstance(by, int) else Among((axis,))


def stretched(shape: Sequence[Size], over: Sequence[Size], first: int) -> Iterator[Step]:
    """What is seen of axes that are stretched over those of a top, from `first` on."""
    for axis, (size, whole) in enumerate(zip(shape, over, strict=False), start=first):
        yield Part(0, 0) if size == 1 and whole != 1 else Along(axis)


def regrouped(bottom: tuple[Size, ...], top: tuple[Size, ...]) -> Iterator[Step]:
    """What is seen of each axis of a bottom whose elements, in their order, have other axes.

    >>> [type(step).__name__ for step in regrouped((2, 64, 7, 5), (2, 64, 35))]
    ['Along', 'Along', 'Among', 'Among']
    """
    mine, theirs = 0, 0
    while mine < len(bottom):
        end, behind = _group(bottom, top, mine, theirs)
        into = [axis for axis in range(theirs, behind) if top[axis] != 1]
        several = [axis for axis in range(mine, end) if bottom[axis] != 1]
        for axis in range(mine, end):
            if axis not in several:
                yield Part(0, 0)
            elif len(several) == 1:
                yield _split(into, [top[each] for each in into])
            else:
                yield Among(tuple(into))
        mine, theirs = end, behind


def _split(into: Sequence[int], sizes: Sequence[Size]) -> Step:
    """What is seen of an axis that becomes several: a place of the outermost has a row of it."""
    row = product(tuple(sizes[1:]))
    return rows(into[0], row, tuple(into[1:])) if isinstance(row, int) else Among(tuple(into))


@lru_cache(REMEMBERED)
def rows(axis: int, row: int, others: tuple[int, ...]) -> Step:
    """What is seen along an axis whose places are rows of one element or more; which element of a
    row it is, depends on the place along other axes.
    """
    return Along(axis, Windows((0,), (row - 1,), row), others)


def _group(
    bottom: tuple[Size, ...], top: tuple[Size, ...], mine: int, theirs: int
) -> tuple[int, int]:
    """Behind which axes there are equally many elements again, for the first time."""
    count: Size = 1
    numbers: dict[Size, int] = {}
    for behind in range(theirs, len(top)):
        count = count * top[behind]
        numbers.setdefault(count, behind + 1)
    count = 1
    for end in range(mine, len(bottom)):
        count = count * bottom[end]
        if count in numbers:
            return end + 1, numbers[count]
    return len(bottom), len(top)
