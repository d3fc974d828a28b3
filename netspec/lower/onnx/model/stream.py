"""Writing a model whose weights are never all in memory, and never twice.

A ModelProto holds one GraphProto, which holds the weights: protobuf's own serializer needs it
whole, several times over. But its wire format is simple. A message in a message is a tag (field
number and kind), the length in bytes, and the bytes; fields may come in any order, and where a
message is repeated each is framed alone. So the graph without weights is serialized as usual, and
the weights are framed here and sent after it. Only lengths must be known beforehand.
See protobuf.dev/programming-guides/encoding and onnx/onnx.proto.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import onnx

from netspec.diagnostics import Diagnostic, SpecError
from netspec.lower.ahead import ahead
from netspec.lower.onnx.model.external import refer
from netspec.room import require_room

MAX_MESSAGE = 2**31 - 1
"""The largest protobuf message that readers accept."""

ALIGNMENT = 4096
"""Where values in a file of their own may start: at pages, which can be mapped into memory."""

_LENGTH_DELIMITED = 2
_MODEL_GRAPH = onnx.ModelProto.GRAPH_FIELD_NUMBER
_GRAPH_INITIALIZER = onnx.GraphProto.INITIALIZER_FIELD_NUMBER
_TENSOR_RAW_DATA = onnx.TensorProto.RAW_DATA_FIELD_NUMBER


@dataclass(frozen=True, slots=True)
class Initializer:
    """A weight to be written: all but its values, their number of bytes, and how to get them.

    `make` may be called in another thread; the pieces that it gives are asked for one by one.
    """

    header: onnx.TensorProto
    size: int
    make: Callable[[], Iterable[memoryview]]


class Stream:
    """A model and the initializers that are to stand in it beside its own."""

    def __init__(self, model: onnx.ModelProto, initializers: Sequence[Initializer]) -> None:
        outer = onnx.ModelProto()
        outer.CopyFrom(model)
        outer.ClearField("graph")
        self._outer: bytes = outer.SerializeToString(deterministic=True)
        self._graph: bytes = model.graph.SerializeToString(deterministic=True)
        self._initializers = initializers

    @property
    def fits(self) -> bool:
        """Whether one file can hold it all."""
        starts = [_start(each) for each in self._initializers]
        return self._size(starts) <= MAX_MESSAGE

    def write(self, file: BinaryIO) -> None:
        """Write it all, one weight's values in memory at a time.

        SpecError (`cannot-write`), and nothing written, where the file would be too large for the
        format or the disk.
        """
        starts = [_start(each) for each in self._initializers]
        size = self._size(starts)
        if size > MAX_MESSAGE:
            message = f"the ONNX file would have {size} bytes; the format ends at 2 GB"
            help = "write it to a file instead: the weights then go into a second one beside it"
            raise SpecError([Diagnostic("cannot-write", message, help=help)])
        require_room(file, size)
        self._write_head(file, self._length(starts))
        for start, initializer, pieces in zip(
            starts, self._initializers, self._values(), strict=True
        ):
            file.write(start)
            _write_values(initializer, pieces, file)

    def write_apart(self, file: BinaryIO, data: BinaryIO, location: str) -> None:
        """Write the model without these initializers' values, and the values into `data`, which
        the model knows by the location. SpecError (`cannot-write`), and nothing written, where
        the disk has no room for them.
        """
        headers: list[bytes] = []
        end = 0
        for each in self._initializers:
            start = -(-end // ALIGNMENT) * ALIGNMENT
            header = onnx.TensorProto()
            header.CopyFrom(each.header)
            refer(header, location, start, each.size)
            described: bytes = header.SerializeToString(deterministic=True)
            headers.append(_frame(_GRAPH_INITIALIZER, len(described)) + described)
            end = start + each.size
        require_room(data, end)
        self._write_head(file, len(self._graph) + sum(map(len, headers)))
        file.writelines(headers)
        for initializer, pieces in zip(self._initializers, self._values(), strict=True):
            data.write(bytes(-data.tell() % ALIGNMENT))
            _write_values(initializer, pieces, data)

    def _values(self) -> Iterator[Iterable[memoryview]]:
        return ahead((each.size, each.make) for each in self._initializers)

    def _write_head(self, file: BinaryIO, length: int) -> None:
        file.write(self._outer + _frame(_MODEL_GRAPH, length) + self._graph)

    def _length(self, starts: list[bytes]) -> int:
        """The bytes of the graph with its initializers, whose starts are given."""
        values = sum(each.size for each in self._initializers)
        return len(self._graph) + sum(map(len, starts)) + values

    def _size(self, starts: list[bytes]) -> int:
        length = self._length(starts)
        return len(self._outer) + len(_frame(_MODEL_GRAPH, length)) + length


def _write_values(initializer: Initializer, pieces: Iterable[memoryview], file: BinaryIO) -> None:
    written = 0
    for piece in pieces:
        written += piece.nbytes
        file.write(piece)
    if written != initializer.size:
        name, size = initializer.header.name, initializer.size
        raise ValueError(f"`{name}` has {written} bytes where {size} were announced")


def _start(initializer: Initializer) -> bytes:
    """An initializer's bytes up to its values, which come last."""
    described: bytes = initializer.header.SerializeToString(deterministic=True)
    described += _frame(_TENSOR_RAW_DATA, initializer.size)
    return _frame(_GRAPH_INITIALIZER, len(described) + initializer.size) + described


def _frame(field: int, length: int) -> bytes:
    return varint(field << 3 | _LENGTH_DELIMITED) + varint(length)


def varint(value: int) -> bytes:
    """An unsigned integer as protobuf writes it: seven bits a byte, the lowest first.

    >>> varint(300).hex()
    'ac02'
    """
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
