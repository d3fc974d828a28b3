"""Operations along axes."""

from collections.abc import Iterable, Sequence

from netspec.eager.casting import in_type
from netspec.eager.tensor import Sizes, Tensor, made, promoted
from netspec.eager.views import layout, suggested
from netspec.graph.sizes import Size, total


def reduced(shape: Sizes, axes: Iterable[int] | None, keepdim: bool) -> Sizes:
    """The sizes without some axes, or with 1 in their place; None: all axes."""
    gone = set(range(len(shape))) if axes is None else {axis % len(shape) for axis in axes}
    if keepdim:
        return tuple(1 if axis in gone else size for axis, size in enumerate(shape))
    return tuple(size for axis, size in enumerate(shape) if axis not in gone)


def sum_of(x: Tensor, axes: Iterable[int] | None = None, keepdim: bool = False) -> Tensor:
    """A sum or mean, whose gradient asks for sizes alone."""
    kind = x.dtype if x.is_float else "int64"
    return made([x], reduced(x.shape, axes, keepdim), dtype=kind)


mean = sum_of


def extreme(x: Tensor, axes: Iterable[int] | None = None, keepdim: bool = False) -> Tensor:
    """amax, amin, std, prod, or a norm: the operand and the result are kept."""
    return made([x], reduced(x.shape, axes, keepdim), [x], keeps_result=True)


norm = deviation = extreme


def along(x: Tensor) -> Tensor:
    """softmax or log_softmax."""
    return made([x], x.shape, keeps_result=True)


def ordered(x: Tensor, count: Size | None = None, axis: int = -1) -> tuple[Tensor, Tensor]:
    """Values in order, or the first of them, and their indices, which are kept."""
    shape = list(x.shape)
    if count is not None:
        shape[axis] = count
    indices = x.tape.new(shape, "int64")
    return made([x], shape, [indices]), indices


def cat(tensors: Sequence[Tensor], axis: int) -> Tensor:
    first = tensors[0]
    axis %= first.rank
    size = total(each.shape[axis] for each in tensors)
    shape = (*first.shape[:axis], size, *first.shape[axis + 1 :])
    alike = all(suggested(each) == suggested(first) for each in tensors)
    kind = first
    for each in tensors[1:]:
        if promoted(kind, each) != kind.dtype:
            kind = each
    strides = layout(first, shape) if alike else None
    if first.tape.autocast is not None:
        tensors = [in_type(each, kind.dtype) for each in tensors]
    return made(tensors, shape, dtype=kind.dtype, strides=strides, gives="parts")


def stack(tensors: Sequence[Tensor], axis: int = 0) -> Tensor:
    first = tensors[0]
    axis %= first.rank + 1
    shape = (*first.shape[:axis], len(tensors), *first.shape[axis:])
    return made(tensors, shape)


def gather(x: Tensor, indices: Tensor) -> Tensor:
    return made([x], indices.shape, [x, indices])
