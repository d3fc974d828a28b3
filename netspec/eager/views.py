"""Operations that look at the same memory otherwise, and copies where there is no such view."""

from collections.abc import Iterable, Sequence

from netspec.eager.strides import channels_last, full, is_channels_last, plain, viewing
from netspec.eager.tensor import Tensor, made, viewed
from netspec.graph.sizes import Size, product


def reshape(x: Tensor, shape: Iterable[Size]) -> Tensor:
    """A view where there is one, else a copy."""
    sizes = tuple(shape)
    strides = viewing(x.shape, x.strides, sizes)
    if strides is False or strides is True:
        return made([x], sizes)
    return viewed(x, sizes, strides)


def flatten(x: Tensor, first: int = 0, last: int = -1) -> Tensor:
    first, last = first % max(1, x.rank), last % max(1, x.rank)
    if first == last and x.rank:
        return x
    joined = product(list(x.shape[first : last + 1]))
    return reshape(x, (*x.shape[:first], joined, *x.shape[last + 1 :]))


def unflatten(x: Tensor, axis: int, sizes: Sequence[Size]) -> Tensor:
    """One axis as several, all sizes of which are given."""
    axis %= x.rank
    steps = full(x.shape, x.strides)
    inner: list[Size] = []
    step = steps[axis]
    for size in reversed(sizes):
        inner.append(step)
        step = step * size
    shape = (*x.shape[:axis], *sizes, *x.shape[axis + 1 :])
    return viewed(x, shape, plain(shape, (*steps[:axis], *reversed(inner), *steps[axis + 1 :])))


def permute(x: Tensor, order: Sequence[int]) -> Tensor:
    steps = full(x.shape, x.strides)
    shape = tuple(x.shape[axis] for axis in order)
    return viewed(x, shape, plain(shape, tuple(steps[axis] for axis in order)))


def transpose(x: Tensor, one: int, other: int) -> Tensor:
    order = list(range(x.rank))
    order[one], order[other] = order[other], order[one]
    return permute(x, order)


def movedim(x: Tensor, here: Sequence[int], there: Sequence[int]) -> Tensor:
    """The axes `here` at the places `there`, the others around them as they were."""
    goes = {to % x.rank: axis % x.rank for axis, to in zip(here, there, strict=True)}
    rest = (axis for axis in range(x.rank) if axis not in goes.values())
    return permute(x, [goes[place] if place in goes else next(rest) for place in range(x.rank)])


def narrow(x: Tensor, axis: int, size: Size) -> Tensor:
    """A part along an axis."""
    axis %= x.rank
    shape = (*x.shape[:axis], size, *x.shape[axis + 1 :])
    return viewed(x, shape, plain(shape, full(x.shape, x.strides)))


def select(x: Tensor, axis: int) -> Tensor:
    """One place of an axis, which is gone."""
    axis %= x.rank
    steps = full(x.shape, x.strides)
    shape = x.shape[:axis] + x.shape[axis + 1 :]
    return viewed(x, shape, plain(shape, steps[:axis] + steps[axis + 1 :]))


def unsqueeze(x: Tensor, axis: int) -> Tensor:
    axis %= x.rank + 1
    steps = full(x.shape, x.strides)
    step = steps[axis] * x.shape[axis] if axis < x.rank else 1
    shape = (*x.shape[:axis], 1, *x.shape[axis:])
    return viewed(x, shape, plain(shape, (*steps[:axis], step, *steps[axis:])))


def squeeze(x: Tensor, axis: int) -> Tensor:
    return select(x, axis) if x.shape[axis] == 1 else x


def expand(x: Tensor, shape: Sequence[Size]) -> Tensor:
    """The same elements again and again along axes of size 1."""
    if tuple(shape) == x.shape:
        return x
    lacks = len(shape) - x.rank
    steps: list[Size] = [0] * lacks
    for axis, step in enumerate(full(x.shape, x.strides)):
        steps.append(step if x.shape[axis] == shape[lacks + axis] else 0)
    return viewed(x, shape, plain(tuple(shape), tuple(steps)))


def expand_as(x: Tensor, other: Tensor) -> Tensor:
    return expand(x, other.shape)


def unfold(x: Tensor, axis: int, size: int, step: int) -> Tensor:
    """Windows along an axis, their elements along a new last one."""
    axis %= x.rank
    steps = full(x.shape, x.strides)
    count = (x.shape[axis] - size) // step + 1
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :], size)
    strides = (*steps[:axis], steps[axis] * step, *steps[axis + 1 :], steps[axis])
    return viewed(x, shape, plain(shape, strides))


def chunk(x: Tensor, count: int, axis: int) -> list[Tensor]:
    return [narrow(x, axis, x.shape[axis] // count) for _ in range(count)]


def contiguous(x: Tensor) -> Tensor:
    """In the usual order: itself, or a copy."""
    return x if x.strides is None else made([x], x.shape)


def clone(x: Tensor) -> Tensor:
    return made([x], x.shape)


def cast(x: Tensor, dtype: str) -> Tensor:
    """In another type: itself, or a copy."""
    if x.dtype == dtype:
        return x
    return made([x], x.shape, dtype=dtype, strides=x.strides)


def suggested(x: Tensor) -> bool:
    """Whether PyTorch suggests the order with the channels last for what is made of it."""
    return is_channels_last(x.shape, x.strides)


def laid_out(x: Tensor) -> Tensor:
    """In the usual order, or with the channels last, whichever is suggested: itself, or a copy."""
    return x if suggested(x) else contiguous(x)


def layout(like: Tensor, shape: Sequence[Size]) -> tuple[Size, ...] | None:
    """The strides of what is made in the suggested order of another."""
    return plain(tuple(shape), channels_last(shape)) if suggested(like) else None
