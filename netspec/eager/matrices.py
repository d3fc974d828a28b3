"""Products of matrices, and convolutions."""

from collections.abc import Sequence

from netspec.eager.casting import lowered
from netspec.eager.strides import broadcast
from netspec.eager.tensor import Tensor, made
from netspec.eager.views import expand, layout, reshape, suggested, transpose, unflatten
from netspec.graph.sizes import Size, product


def mm(one: Tensor, other: Tensor, bias: Tensor | None = None) -> Tensor:
    """Each gradient asks for the other factor: mm, addmm, bmm and baddbmm."""
    keeps = [other] if one.needs_gradient else []
    keeps += [one] if other.needs_gradient else []
    of = [one, other, *([bias] if bias is not None else [])]
    return made(of, (*one.shape[:-1], other.shape[-1]), keeps)


@lowered
def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """A product with the weight, outputs x inputs, of all places of the last axis."""
    if x.rank == 2:
        return mm(x, transpose(weight, 0, 1), bias)
    if bias is not None and x.strides is None:
        return _folded(x, transpose(weight, 0, 1), bias)
    found = _product(x, transpose(weight, 0, 1))
    return found if bias is None else found + bias


def _folded(x: Tensor, other: Tensor, bias: Tensor | None = None) -> Tensor:
    rows = reshape(x, (product(list(x.shape[:-1])), x.shape[-1]))
    return _unfolded(mm(rows, other, bias), x)


def _unfolded(rows: Tensor, like: Tensor) -> Tensor:
    return reshape(rows, (*like.shape[:-1], rows.shape[-1]))


@lowered
def matmul(one: Tensor, other: Tensor) -> Tensor:
    return _product(one, other)


def _product(one: Tensor, other: Tensor) -> Tensor:
    if one.rank == 2 and other.rank == 2:
        return mm(one, other)
    if one.rank >= 3 and other.rank == 2 and _folds(one, other):
        return _folded(one, other)
    if one.rank == 2 and other.rank >= 3 and one.needs_gradient:
        # The same of what is turned over, and turned back.
        turned = _folded(transpose(other, -2, -1), transpose(one, 0, 1))
        return transpose(turned, -2, -1)
    batch = broadcast(one.shape[:-2], other.shape[:-2])
    count = product(list(batch))
    a = reshape(expand(one, (*batch, *one.shape[-2:])), (count, *one.shape[-2:]))
    b = reshape(expand(other, (*batch, *other.shape[-2:])), (count, *other.shape[-2:]))
    found = mm(a, b)
    return unflatten(found, 0, batch) if len(batch) != 1 else found


def _folds(one: Tensor, other: Tensor) -> bool:
    if other.needs_gradient:
        return True
    steps, shape = one.strides, one.shape
    if steps is None:
        return True
    return all(steps[n] == steps[n + 1] * shape[n + 1] for n in range(one.rank - 2))


@lowered
def conv(x: Tensor, weight: Tensor, bias: Tensor | None, places: Sequence[Size]) -> Tensor:
    """A convolution, or a transposed one: it keeps its operand and its weight, whichever needs a
    gradient. `places` are the sizes of the result behind the batch.
    """
    of = [x, weight, *([bias] if bias is not None else [])]
    shape = (x.shape[0], *places)
    like = x if suggested(x) else weight
    return made(of, shape, [x, weight], strides=layout(like, shape))
