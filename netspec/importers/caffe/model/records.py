"""The records of a protocol buffer in a file: where each lies, not what it says.

A message is a row of records; each begins with its field's number and with how its length is told
(protobuf.dev, "Encoding"). Walking over them costs no memory, however long they say they are.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import BinaryIO, NamedTuple

MAX_RECORDS = 500_000
"""How many records of a file are looked at; ten thousand layers have half as many."""

_LONGEST = 10
"""The bytes of the longest number."""
_WINDOW = 4096
"""Bytes that are read at a time while walking."""


class Kind(IntEnum):
    """How a record tells its length: protobuf's wire types, but for groups, which Caffe has none
    of.
    """

    VARINT = 0
    FIXED64 = 1
    BYTES = 2
    FIXED32 = 5


_KINDS = {int(kind): kind for kind in Kind}
_FIXED = {Kind.FIXED64: 8, Kind.FIXED32: 4}


class Damaged(Exception):
    """What is wrong with the records of a file."""


class Record(NamedTuple):
    """A field of a message: its number, where it starts, and its content from `content` to `end`.
    (The content of a VARINT is the number itself.)
    """

    number: int
    kind: Kind
    start: int
    content: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.content


class Records:
    """A file that is walked over."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = MAX_RECORDS
        self._window = b""
        self._from = 0
        self.size = size

    def within(self, start: int, end: int) -> Iterator[Record]:
        """The records of the message between two places.

        Damaged where they aren't any, reach beyond its end, or the file has more than are allowed.
        """
        while start < end:
            self._left -= 1
            if self._left < 0:
                raise Damaged(f"it has more than {MAX_RECORDS:,} fields")
            record = self._record(start, end)
            yield record
            start = record.end

    def _record(self, start: int, end: int) -> Record:
        at = start - self._from
        window = self._window
        if at < 0 or at + 2 * _LONGEST > len(window):
            window = self._window = self.read(start, min(_WINDOW, self.size - start))
            self._from, at = start, 0
        tag, content = _number(window, at, start)
        number = tag >> 3
        if not number or tag & 7 not in _KINDS:
            raise _damaged(start)
        kind = _KINDS[tag & 7]
        if kind is Kind.VARINT:
            _, stop = _number(window, content, start)
            length = stop - content
        elif kind is Kind.BYTES:
            length, content = _number(window, content, start)
        else:
            length = _FIXED[kind]
        content += start - at
        if content + length > end:
            raise Damaged(
                f"it is cut off, damaged or no file of Caffe's: {length:,} bytes are announced at "
                f"byte {start:,}, of which {max(end - content, 0):,} are there"
            )
        return Record(number, kind, start, content, content + length)

    def read(self, start: int, length: int) -> bytes:
        """Some bytes of the file; Damaged where it has become shorter."""
        self._file.seek(start)
        data = self._file.read(length)
        if len(data) < length:
            raise Damaged("it has become shorter")
        return data


def _number(data: bytes, offset: int, start: int) -> tuple[int, int]:
    """A number, of which a byte holds seven bits, the lowest first; and where it ends."""
    value, shift = 0, 0
    for end, byte in enumerate(data[offset : offset + _LONGEST], offset + 1):
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, end
        shift += 7
    raise _damaged(start)


def _damaged(start: int) -> Damaged:
    return Damaged(f"it is damaged at byte {start:,}, or no file of Caffe's")
