"""The elements of tensors: their types, their bytes, and bytes that lie in a file already."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import Diagnostic, SpecError

Array: TypeAlias = NDArray[Any]

_PIECE = 1 << 20
"""Elements converted, or bytes copied, at a time: few enough to stay in the processor's cache."""


def element_type(name: str) -> "np.dtype[np.generic]":
    """NumPy's type of that name; `bfloat16` is one that ml_dtypes adds to it."""
    if name == "bfloat16":
        import ml_dtypes

        extended: np.dtype[np.generic] = np.dtype(ml_dtypes.bfloat16)
        return extended
    return np.dtype(name)


def lowest_number(name: str) -> float:
    """The lowest finite number of a type."""
    import ml_dtypes

    limits: Any = ml_dtypes.finfo(element_type(name))  # type: ignore[no-untyped-call]
    return float(limits.min)


def whole_numbers(name: str) -> int:
    """Up to what a floating-point type holds every whole number."""
    import ml_dtypes

    limits: Any = ml_dtypes.finfo(element_type(name))  # type: ignore[no-untyped-call]
    return 1 << (int(limits.nmant) + 1)


def raw(values: Array) -> memoryview:
    """The elements as every weights format stores them: little-endian, last axis fastest."""
    little = values.astype(values.dtype.newbyteorder("<"), order="C", copy=False)
    return little.reshape(-1).view(np.uint8).data


def lost(values: Array, made: Array) -> Array:
    """Where a finite value has become infinite or no number."""
    return np.isfinite(values) & ~np.isfinite(made)


def altered(values: Array, made: Array) -> tuple[float, str] | None:
    """A number that isn't what it was when converted, and whether it was too large or too small.

    What comes near 0 loses its digits: more than a hundredth is too much. It may vanish beside
    larger ones.
    """
    gone = values[lost(values, made)]
    if gone.size:
        return float(gone[0]), "large"
    magnitudes = np.abs(values[np.isfinite(values)])
    largest = magnitudes.max(initial=0.0)
    left = np.abs(made[np.isfinite(values)].astype(np.float64)).max(initial=0.0)
    if abs(left - largest) > 0.01 * largest:
        return float(largest), "small"
    return None


def converted(name: str, values: Array, dtype: str) -> Array:
    """The values as elements of the type.

    What is infinite stays so. SpecError (`weights-format`) where a value is too large for the type.
    """
    wanted = element_type(dtype)
    try:
        with np.errstate(over="raise", invalid="ignore"):
            made = values.astype(wanted, copy=False)
    except FloatingPointError as error:
        raise _too_large(name, dtype) from error
    # ml_dtypes rounds to infinity without a sign of it.
    if dtype == "bfloat16" and lost(values, made).any():
        raise _too_large(name, dtype)
    return made


def _too_large(name: str, dtype: str) -> SpecError:
    message = f"`{name}` holds values too large for {dtype}"
    return SpecError([Diagnostic("weights-format", message)])


def pieces(name: str, values: Array, dtype: str) -> Iterator[memoryview]:
    """The bytes of the values as elements of the type, converted a piece at a time.

    Raises as `converted` does.
    """
    if values.dtype == element_type(dtype):
        yield raw(values)
        return
    flat = values.reshape(-1)
    for start in range(0, flat.size, _PIECE):
        yield raw(converted(name, flat[start : start + _PIECE], dtype))


@dataclass(frozen=True, slots=True)
class Stored:
    """A byte range of a file: elements of the type (NumPy's name) as `raw` gives them."""

    path: Path
    offset: int
    length: int
    dtype: str

    def array(self, shape: tuple[int, ...]) -> Array:
        """The values, read into memory."""
        kind = element_type(self.dtype)
        values = np.empty(self.length // kind.itemsize, kind.newbyteorder("<"))
        rest = values.view(np.uint8).data
        for piece in self.pieces():
            rest[: piece.nbytes] = piece
            rest = rest[piece.nbytes :]
        return values.reshape(shape)

    def pieces(self) -> Iterator[memoryview]:
        """The bytes, a megabyte at a time; each piece is gone when the next is asked for."""
        buffer = memoryview(bytearray(min(self.length, _PIECE)))
        left = self.length
        try:
            with self.path.open("rb", buffering=0) as file:
                file.seek(self.offset)
                while left:
                    count = file.readinto(buffer[: min(left, len(buffer))])
                    if not count:
                        raise OSError("it has become shorter")
                    left -= count
                    yield buffer[:count]
        except OSError as error:
            message = f"can't read `{self.path}`: {error.strerror or error}"
            raise SpecError([Diagnostic("cannot-read", message)]) from error
