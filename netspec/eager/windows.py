"""Pooling, margins and interpolation."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from netspec.eager.casting import in_float32
from netspec.eager.pointwise import absolute, power, relu
from netspec.eager.reductions import mean
from netspec.eager.strides import magnitude
from netspec.eager.tensor import Tensor, made, unary
from netspec.eager.views import cast, layout, squeeze, unsqueeze
from netspec.graph.sizes import Size, product

Sizes = Sequence[Size]
Result = TypeVar("Result")


def max_pool(x: Tensor, places: Sizes, asked: bool = False) -> tuple[Tensor, Tensor]:
    """The maxima and where they lie; the operand and the places are kept. `places` are the sizes of
    the result behind the channels, here and in what follows. `asked`: for the places, too.
    """
    # Autocast doesn't know the function that gives them.
    return (_maxima if asked else _volumes_in_float32(_maxima, places))(x, places)


def _volumes_in_float32(
    operation: Callable[[Tensor, Sizes], Result], places: Sizes
) -> Callable[[Tensor, Sizes], Result]:
    """Pooling of volumes, unlike that of images, is among what autocast runs in float32."""
    return in_float32(operation) if len(places) == 3 else operation


def _maxima(x: Tensor, places: Sizes) -> tuple[Tensor, Tensor]:
    shape = (*x.shape[: x.rank - len(places)], *places)
    mask = x.tape.new(shape, "int64")
    strides = layout(x, shape)
    mask.strides = strides
    return made([x], shape, [x, mask], strides=strides), mask


fractional_max_pool = in_float32(_maxima)


def adaptive_max_pool(x: Tensor, places: Sizes) -> tuple[Tensor, Tensor]:
    return _volumes_in_float32(_maxima, places)(x, places)


def avg_pool(x: Tensor, places: Sizes) -> Tensor:
    """The operand is kept, though the gradient asks for its sizes alone."""
    return _volumes_in_float32(_averages, places)(x, places)


def _averages(x: Tensor, places: Sizes) -> Tensor:
    if len(places) == 1:
        return squeeze(avg_pool(unsqueeze(x, -2), (1, *places)), -2)
    shape = (*x.shape[: x.rank - len(places)], *places)
    return made([x], shape, [x], strides=layout(x, shape) if len(places) == 2 else None)


def adaptive_avg_pool(x: Tensor, places: Sizes) -> Tensor:
    return _volumes_in_float32(_adaptive_averages, places)(x, places)


def _adaptive_averages(x: Tensor, places: Sizes) -> Tensor:
    if all(size == 1 for size in places):
        return mean(x, range(-len(places), 0), keepdim=True)
    return avg_pool(x, places)


def lp_pool(x: Tensor, places: Sizes) -> Tensor:
    """`(sign(m) * relu(abs(m)) * count) ** (1 / 2)` of means of squares."""
    means = avg_pool(power(x), places)
    return power(unary(means) * relu(absolute(means)) * 2.0)


def pad(x: Tensor, shape: Sizes) -> Tensor:
    """Margins of a number, which make the tensor that large."""
    return made([x], shape, strides=layout(x, shape))


def resized(x: Tensor, shape: Sizes) -> Tensor:
    """Interpolation, or places moved about: the gradient asks for sizes alone."""
    return made([x], shape, strides=layout(x, shape))


def moved(x: Tensor, shape: Sizes | None = None) -> Tensor:
    """A copy in the usual order, of which the gradient asks for nothing: roll, repeat."""
    return made([x], x.shape if shape is None else shape)


def indexed(x: Tensor, indices: Tensor, shape: Sizes) -> Tensor:
    """`x[indices]` or an embedding: the indices are kept."""
    return made([x], shape, [cast(indices, indices.dtype)])


def unfolded(x: Tensor, shape: Sizes) -> Tensor:
    """`F.unfold`: the memory of its result is never smaller than what it reads."""
    found = made([x], shape)
    sizes = [product(list(each[1:])) for each in (x.shape, shape)]
    if magnitude(sizes[0]) > magnitude(sizes[1]):
        found.storage.shape = x.shape
    return found
