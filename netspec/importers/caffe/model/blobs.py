"""Blobs: arrays of numbers in Caffe's binary files."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import Diagnostic, SpecError
from netspec.importers.caffe.model.messages import number_of, parsed
from netspec.importers.caffe.model.records import Damaged, Kind, Record, Records

Array: TypeAlias = NDArray[Any]

MAX_AXES = 32
"""Caffe's own limit."""
MAX_HEADER = 1 << 16
"""The bytes of the fields that are read beside the numbers."""

_LEGACY = ("num", "channels", "height", "width")
_DATA, _DOUBLE_DATA = (number_of("BlobProto", name) for name in ("data", "double_data"))
_NUMBERS: "dict[int, np.dtype[Any]]" = {_DATA: np.dtype("<f4"), _DOUBLE_DATA: np.dtype("<f8")}
"""The fields that hold numbers, and of which type."""
_NAMES = {_DATA: "data", _DOUBLE_DATA: "double_data"}
_SHAPE = frozenset(number_of("BlobProto", name) for name in (*_LEGACY, "shape"))
_RAW = frozenset((10, 12))
"""Where NVIDIA's Caffe keeps numbers of half the size."""


@dataclass(frozen=True, slots=True)
class Blob:
    """An array: its shape, and what reads its values, float32 or float64 as the file has them."""

    shape: tuple[int, ...]
    read: Callable[[], Array]


def blob_of(array: Array) -> Blob:
    """A blob of values that are there already."""
    return Blob(array.shape, lambda: array)


def read_blob(path: Path, records: Records, start: int, end: int) -> Blob:
    """The blob between two places of a file; Damaged where there is none."""
    found: dict[int, list[Record]] = {_DATA: [], _DOUBLE_DATA: []}
    header: list[Record] = []
    for record in records.within(start, end):
        if record.number in found:
            found[record.number].append(record)
            if record.kind is not Kind.BYTES or len(found[record.number]) > 1:
                return _piecewise(records, start, end)
        elif record.number in _SHAPE:
            header.append(record)
        elif record.number in _RAW:
            raise Damaged("it holds numbers in a form of NVIDIA's Caffe (`raw_data`)")
    shape = _shape(_parsed("BlobProto", _joined(records, header)))
    number = _DOUBLE_DATA if found[_DOUBLE_DATA] else _DATA
    kind = _NUMBERS[number]
    place, length = 0, 0
    for record in found[number]:
        place, length = record.content, record.length
    if length % kind.itemsize:
        raise Damaged(f"it is damaged at byte {place:,}: {length:,} bytes are no {kind.name}")
    _check_count(shape, length // kind.itemsize)
    return Blob(shape, partial(_from_file, path, place, kind, shape))


def _piecewise(records: Records, start: int, end: int) -> Blob:
    """A blob whose numbers stand one by one or in several pieces, as few programs write them."""
    message = _parsed("BlobProto", records.read(start, end - start))
    shape = _shape(message)
    number = _DOUBLE_DATA if message.double_data else _DATA
    values = getattr(message, _NAMES[number])
    _check_count(shape, len(values))
    return blob_of(np.fromiter(values, _NUMBERS[number], len(values)).reshape(shape))


def _parsed(message: str, data: bytes) -> Any:
    try:
        return parsed(message, data)
    except ValueError as error:
        raise Damaged(f"it is damaged: {error}") from None


def _joined(records: Records, parts: list[Record]) -> bytes:
    """The bytes of some fields of a message."""
    if sum(part.end - part.start for part in parts) > MAX_HEADER:
        raise Damaged(f"a shape has over {MAX_HEADER:,} bytes")
    return b"".join(records.read(part.start, part.end - part.start) for part in parts)


def _short(shape: bytes) -> bytes:
    if len(shape) > MAX_HEADER:
        raise Damaged(f"a shape has over {MAX_HEADER:,} bytes")
    return shape


def _shape(message: Any) -> tuple[int, ...]:
    """A blob's shape: that of four sizes by name, which the first Caffes wrote, if there is any."""
    if any(message.HasField(name) for name in _LEGACY):
        shape = tuple(getattr(message, name) for name in _LEGACY)
    else:
        shape = tuple(_parsed("BlobShape", _short(message.shape)).dim)
    if len(shape) > MAX_AXES:
        raise Damaged(f"a shape has {len(shape):,} axes")
    if any(size < 0 for size in shape):
        raise Damaged("a shape has a size below 0")
    return shape


def _check_count(shape: tuple[int, ...], count: int) -> None:
    if prod(shape) != count:
        sizes = "×".join(map(str, shape)) or "a single number"
        raise Damaged(f"it holds {count:,} numbers for {sizes}")


def _from_file(path: Path, place: int, kind: "np.dtype[Any]", shape: tuple[int, ...]) -> Array:
    """Numbers as they lie in a file; SpecError (`cannot-read`) where it has become shorter."""
    values = np.empty(prod(shape), kind)
    rest = values.view(np.uint8).data
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(place)
            while rest.nbytes:
                count = file.readinto(rest)
                if not count:
                    raise OSError("it has become shorter")
                rest = rest[count:]
    except OSError as error:
        message = f"can't read `{path}`: {error.strerror or error}"
        raise SpecError([Diagnostic("cannot-read", message)]) from error
    return values.reshape(shape)
