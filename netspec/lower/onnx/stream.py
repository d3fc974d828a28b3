"""Writing a model whose weights are never all in memory, and never twice.

A ModelProto holds one GraphProto, which holds the weights: protobuf's own serializer needs it
whole, several times over. But its wire format is simple. A message in a message is a tag (field
number and kind), the length in bytes, and the bytes; fields may come in any order, and where a
message is repeated each is framed alone. So the graph without weights is serialized as usual, and
the weights are framed here and sent after it. Only lengths must be known beforehand.
See protobuf.dev/programming-guides/encoding and onnx/onnx.proto.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import onnx

from netspec.diagnostics import Diagnostic, SpecError

MAX_MESSAGE = 2**31 - 1
"""The largest protobuf message that readers accept."""

_LENGTH_DELIMITED = 2
_MODEL_GRAPH = onnx.ModelProto.GRAPH_FIELD_NUMBER
_GRAPH_INITIALIZER = onnx.GraphProto.INITIALIZER_FIELD_NUMBER
_TENSOR_RAW_DATA = onnx.TensorProto.RAW_DATA_FIELD_NUMBER


@dataclass(frozen=True, slots=True)
class Initializer:
    """A weight to be written: all but its values, their number of bytes, and how to get them."""

    header: onnx.TensorProto
    size: int
    read: Callable[[], memoryview]


def write_model(
    model: onnx.ModelProto, initializers: Sequence[Initializer], file: BinaryIO
) -> None:
    """Write the model with these initializers beside its own, one's values in memory at a time.

    SpecError (`cannot-write`), and nothing written, where the file would be too large.
    """
    outer = onnx.ModelProto()
    outer.CopyFrom(model)
    outer.ClearField("graph")
    outer_bytes = outer.SerializeToString(deterministic=True)
    graph_bytes = model.graph.SerializeToString(deterministic=True)
    starts = [_start(initializer) for initializer in initializers]
    length = len(graph_bytes) + sum(map(len, starts)) + sum(each.size for each in initializers)
    total = len(outer_bytes) + len(_frame(_MODEL_GRAPH, length)) + length
    if total > MAX_MESSAGE:
        message = f"the ONNX file would have {total} bytes; the format ends at 2 GB"
        raise SpecError([Diagnostic("cannot-write", message)])

    file.write(outer_bytes + _frame(_MODEL_GRAPH, length) + graph_bytes)
    for start, initializer in zip(starts, initializers, strict=True):
        file.write(start)
        _write_values(initializer, file)


def _write_values(initializer: Initializer, file: BinaryIO) -> None:
    # A function of its own, so that the values are gone before the next ones are read.
    values = initializer.read()
    if values.nbytes != initializer.size:
        name, size = initializer.header.name, initializer.size
        raise ValueError(f"`{name}` has {values.nbytes} bytes where {size} were announced")
    file.write(values)


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
