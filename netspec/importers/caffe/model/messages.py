"""The protobuf library's classes for the messages of Caffe's binary files.

They are made when they are needed, from the numbers of the fields (facts of `caffe.proto`), and
have no more fields than are read here: others are skipped where they lie.
"""

from functools import cache
from typing import Any

_LABELS = {"optional": 1, "repeated": 3}
_TYPES = {"double": 1, "float": 2, "int64": 3, "int32": 5, "bytes": 12}

_MESSAGES: dict[str, tuple[tuple[str, int, str, str], ...]] = {
    # A name is of the type `string`; as bytes one that isn't UTF-8 can be told, too.
    "Named": (("name", 1, "optional", "bytes"),),
    "V1Named": (("name", 4, "optional", "bytes"),),
    "BlobShape": (("dim", 1, "repeated", "int64"),),
    # A shape is a BlobShape; as bytes it takes no more memory than in the file, whatever it says.
    "BlobProto": (
        ("num", 1, "optional", "int32"),
        ("channels", 2, "optional", "int32"),
        ("height", 3, "optional", "int32"),
        ("width", 4, "optional", "int32"),
        ("data", 5, "repeated", "float"),
        ("shape", 7, "optional", "bytes"),
        ("double_data", 8, "repeated", "double"),
    ),
}
"""Each message's fields: name, number, whether it is repeated, and type."""


@cache
def messages() -> dict[str, Any]:
    """The classes by the messages' names."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(
        name="netspec/caffe_model.proto", package="netspec.caffe", syntax="proto2"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, label, kind in fields:
            made = message.field.add(name=field, number=number, label=_LABELS[label])
            made.type = _TYPES[kind]
            made.options.packed = label == "repeated"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{file.package}.{name}"))
        for name in _MESSAGES
    }


def parsed(name: str, data: bytes) -> Any:
    """A message; ValueError where the bytes aren't one."""
    from google.protobuf.message import DecodeError

    made = messages()[name]()
    try:
        made.ParseFromString(data)
    except DecodeError as error:
        raise ValueError(str(error)) from error
    return made
