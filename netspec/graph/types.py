"""What is known of a value before it exists: its shape and its element type."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, replace
from functools import cache
from typing import overload

from netspec.graph.reach import Step
from netspec.graph.sizes import Size, SymbolicSize, product, substitute
from netspec.quick import distinct, frozen

FLOATS = frozenset(("float16", "bfloat16", "float32", "float64"))
"""The element types of real numbers."""


@cache
def element_bytes(dtype: str) -> int:
    """The bytes of an element of a type.

    >>> element_bytes("float32"), element_bytes("bfloat16"), element_bytes("bool")
    (4, 2, 1)
    """
    bits = "".join(filter(str.isdigit, dtype))
    return int(bits) // 8 if bits else 1


@distinct
class Shape(Sequence[Size]):
    """The `sizes` of a tensor's axes, batch first; each an int or symbolic.

    A shape equals the tuple of its sizes.

    >>> str(Shape((2, 64, 7, 7)))
    '2×64×7×7'
    >>> Shape((2, 10)) == (2, 10)
    True
    """

    sizes: tuple[Size, ...]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Shape):
            return self.sizes == other.sizes
        return self.sizes == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.sizes)

    @overload
    def __getitem__(self, index: int) -> Size: ...
    @overload
    def __getitem__(self, index: slice) -> "Shape": ...
    def __getitem__(self, index: int | slice) -> "Size | Shape":
        if isinstance(index, slice):
            return Shape(self.sizes[index])
        return self.sizes[index]

    def __len__(self) -> int:
        return len(self.sizes)

    def __iter__(self) -> Iterator[Size]:
        return iter(self.sizes)

    def __add__(self, other: "Shape | tuple[Size, ...]") -> "Shape":
        return Shape(self.sizes + tuple(other))

    def __repr__(self) -> str:
        return f"Shape({self})"

    def __str__(self) -> str:
        return "×".join(_factor(size) for size in self.sizes) or "scalar"

    @property
    def elements(self) -> Size:
        """The number of elements, batch included."""
        return product(self.sizes)

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.sizes)

    def replace(self, axis: int, size: Size) -> "Shape":
        """The shape with the size of one `axis` replaced by `size`; IndexError where it has no such
        axis.
        """
        sizes = list(self.sizes)
        sizes[axis] = size
        return Shape(tuple(sizes))

    def substitute(self, values: dict[str, Size]) -> "Shape":
        """The shape with symbols replaced by the sizes that `values` gives them by name; the others
        stay.
        """
        return Shape(tuple(substitute(size, values) for size in self.sizes))

    def to_json(self) -> list[int | str]:
        """The sizes as JSON has them: integers, symbolic ones as text."""
        return [size if isinstance(size, int) else str(size) for size in self.sizes]


def _factor(size: Size) -> str:
    return f"({size})" if isinstance(size, SymbolicSize) and len(size.terms) > 1 else str(size)


@frozen
class TensorType:
    """The type of a value: its `shape`, and as `dtype` the name of its element type (NumPy's).

    `plane` is what the indices of a pooling's mask point into: the spatial sizes of its bottom.
    `windows` says, when it's asked, what each place of the mask saw of it, axis by axis.
    `known_item` is the last batch of which an item was asked for, and that item's type.
    """

    shape: Shape
    dtype: str = "float32"
    plane: tuple[Size, ...] | None = None
    windows: Callable[[], Sequence[Step]] | None = field(default=None, repr=False)
    known_item: "tuple[Size, TensorType] | None" = field(
        default=None, init=False, compare=False, repr=False
    )

    def __str__(self) -> str:
        return str(self.shape) if self.dtype == "float32" else f"{self.shape} {self.dtype}"

    @property
    def bytes(self) -> Size:
        """What it takes in memory, batch included."""
        return self.shape.elements * element_bytes(self.dtype)

    def substitute(self, values: dict[str, Size]) -> "TensorType":
        """The type with symbols of its shape replaced by sizes: `values` by name."""
        return replace(self, shape=self.shape.substitute(values))

    def with_shape(self, *sizes: Size) -> "TensorType":
        """A value of the same element type with another shape, of these `sizes`."""
        return TensorType(Shape(sizes), self.dtype)
