"""How a tensor lies in its memory: PyTorch's rules of views and of the order of what it makes.

None stands for the usual order, row by row. Sizes may be symbols: these count as large.
"""

from collections.abc import Sequence
from functools import lru_cache

from netspec.graph.sizes import Size, product, substitute, symbols

Strides = tuple[Size, ...] | None

LARGE = 1 << 20
"""What a symbol counts as where sizes are compared."""


def in_rows(shape: Sequence[Size]) -> tuple[Size, ...]:
    """The strides of the usual order."""
    strides: list[Size] = []
    step: Size = 1
    for size in reversed(shape):
        strides.append(step)
        step = step if size == 1 else size * step
    return tuple(reversed(strides))


def full(shape: Sequence[Size], strides: Strides) -> tuple[Size, ...]:
    return in_rows(shape) if strides is None else strides


def plain(shape: Sequence[Size], strides: tuple[Size, ...]) -> Strides:
    """None for the usual order; an axis of size 1 has no part in it."""
    step: Size = 1
    for size, stride in zip(reversed(shape), reversed(strides), strict=True):
        if size == 1:
            continue
        if stride != step:
            return strides
        step = size * step
    return None


def viewing(shape: Sequence[Size], strides: Strides, wanted: Sequence[Size]) -> Strides | bool:
    """The strides of a view of other sizes; False where there is none, and it takes a copy."""
    if strides is None:
        return None
    found: list[Size] = []
    left = list(wanted)
    base = strides[-1] if strides else 1
    there: Size = 1
    for axis in range(len(shape) - 1, -1, -1):
        there = there * shape[axis]
        # Axes that follow one another densely are one piece.
        if axis and (shape[axis - 1] == 1 or strides[axis - 1] == there * base):
            continue
        filled: Size = 1
        while left and (left[-1] == 1 or magnitude(filled) < magnitude(there)):
            found.append(filled * base)
            filled = filled * left.pop()
        if filled != there:
            return False
        if axis:
            base, there = strides[axis - 1], 1
    return plain(wanted, tuple(reversed(found)))


def broadcast(*shapes: Sequence[Size]) -> tuple[Size, ...]:
    """The sizes to which all are stretched."""
    if all(shape == shapes[0] for shape in shapes):
        return tuple(shapes[0])
    rank = max(map(len, shapes))
    sizes: list[Size] = []
    for axis in range(-rank, 0):
        there = [shape[axis] for shape in shapes if len(shape) >= -axis]
        sizes.append(next((size for size in there if size != 1), 1))
    return tuple(sizes)


def iterated(shape: Sequence[Size], operands: Sequence[tuple[Sequence[Size], Strides]]) -> Strides:
    """The order of what is computed element by element: that of the operands."""
    if all(strides is None for _, strides in operands):
        return None
    rank = len(shape)
    stretched: list[list[Size]] = []
    for sizes, strides in operands:
        given = [*full(sizes, strides)]
        lacks = rank - len(sizes)
        row: list[Size] = [0] * lacks
        for axis, stride in enumerate(given):
            row.append(0 if sizes[axis] == 1 and shape[lacks + axis] != 1 else stride)
        stretched.append(row)
    order = list(range(rank))[::-1]
    for number in range(1, rank):
        here = number
        for other in range(number - 1, -1, -1):
            turn = _turned(shape, stretched, order[other], order[here])
            if turn > 0:
                order[other], order[here] = order[here], order[other]
                here = other
            elif turn < 0:
                break
    found: list[Size] = [0] * rank
    step: Size = 1
    for axis in order:
        found[axis] = step
        step = step * shape[axis]
    return plain(shape, tuple(found))


def _turned(shape: Sequence[Size], rows: list[list[Size]], one: int, other: int) -> int:
    for row in rows:
        a, b = row[one], row[other]
        if a == 0 or b == 0:
            continue
        if a != b:
            return -1 if magnitude(a) < magnitude(b) else 1
        if magnitude(shape[one]) > magnitude(shape[other]):
            return 1
    return 0


def channels_last(shape: Sequence[Size]) -> tuple[Size, ...]:
    """The strides of the order in which the channels, axis 1, come last."""
    found = in_rows([shape[0], *shape[2:], shape[1]])
    return (found[0], found[-1], *found[1:-1])


def is_channels_last(shape: Sequence[Size], strides: Strides) -> bool:
    """Whether PyTorch takes it for a tensor in that order; of the usual one it doesn't."""
    if strides is None or len(shape) not in (4, 5):
        return False
    step: Size = 1
    for axis in (1, *range(len(shape) - 1, 1, -1), 0):
        if shape[axis] == 1:
            continue
        if strides[axis] != step:
            return False
        step = step * shape[axis]
    return True


@lru_cache(maxsize=4096)
def _large(size: Size) -> int:
    found = substitute(size, dict.fromkeys(symbols(size), LARGE))
    return found if isinstance(found, int) else LARGE


def magnitude(size: Size) -> int:
    """A number to compare a size by."""
    return size if isinstance(size, int) else _large(size)


def elements(shape: Sequence[Size]) -> Size:
    return product(list(shape))
