"""Caffe's binary files for tests, written by the protobuf library from messages of our own."""

from functools import cache
from typing import Any

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_TYPES = {"double": 1, "float": 2, "int64": 3, "int32": 5, "string": 9, "bytes": 12}
_FIELDS = {
    "NetParameter": "name 1 string; layers 2 V1*; input 3 string*; layer 100 Layer*",
    "Layer": "name 1 string; type 2 string; bottom 3 string*; top 4 string*; blobs 7 Blob*; "
    "convolution_param 106 bytes",
    "V1": "layer 1 V0; bottom 2 string*; top 3 string*; name 4 string; type 5 int32; "
    "blobs 6 Blob*; blobs_lr 7 float*",
    "V0": "name 1 string; type 2 string; num_output 3 int32; blobs 50 Blob*; blobs_lr 51 float*",
    "Shape": "dim 1 int64*packed",
    "Blob": "num 1 int32; channels 2 int32; height 3 int32; width 4 int32; data 5 float*packed; "
    "diff 6 float*packed; shape 7 Shape; double_data 8 double*packed; raw_data_type 10 int32; "
    "raw_data 12 bytes",
    "Loose": "shape 7 Shape; data 5 float*",
}


@cache
def _messages() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="test.proto", package="test", syntax="proto2")
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for each in fields.split("; "):
            called, number, kind = each.split()
            made = message.field.add(name=called, number=int(number))
            made.label = 3 if "*" in kind else 1
            made.options.packed = kind.endswith("packed")
            kind = kind.partition("*")[0]
            made.type = _TYPES.get(kind, 11)
            if kind not in _TYPES:
                made.type_name = f".test.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"test.{name}"))
        for name in _FIELDS
    }


def message(kind: str, /, **fields: Any) -> Any:
    return _messages()[kind](**fields)


def blob(values: Any, **fields: Any) -> Any:
    """A blob as Caffe writes it: the numbers, their gradients of zero, and the shape."""
    array = np.asarray(values, np.float32)
    data = array.reshape(-1).tolist()
    shape = message("Shape", dim=array.shape)
    return message("Blob", **{"data": data, "diff": [0.0] * len(data), "shape": shape} | fields)


def net(**layers: list[Any]) -> bytes:
    """Today's form: layers by name, with their blobs."""
    made = [
        message("Layer", name=name, type="Convolution", bottom=["data"], top=[name], blobs=blobs)
        for name, blobs in layers.items()
    ]
    written: bytes = message("NetParameter", name="Net", layer=made).SerializeToString()
    return written


def field(number: int, content: bytes) -> bytes:
    """A field as it lies in a file: its number, its length, its content."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    made = b""
    while value > 0x7F:
        made += bytes([value & 0x7F | 0x80])
        value >>= 7
    return made + bytes([value])
