"""The protobuf library's classes for the messages of Caffe's binary files.

They have no more fields than are read here: others are skipped where they lie.
"""

from functools import cache
from typing import Any

from netspec.importers.caffe.messages import message_type
from netspec.importers.caffe.messages.descriptor import PACKAGE, file_description

_READ: dict[str, tuple[str, ...]] = {
    "NetParameter": ("name",),
    "LayerParameter": ("name",),
    "V1LayerParameter": ("name",),
    "V0LayerParameter": ("name",),
    "BlobProto": ("num", "channels", "height", "width", "data", "shape", "double_data"),
    "BlobShape": ("dim",),
}
_BYTES = ("name", "shape")
"""Fields that are read as bytes, which lie in a file in the same way: a name that isn't UTF-8 can
be told, and a shape takes no more memory than in the file, whatever it says.
"""


def number_of(message: str, field: str) -> int:
    """The number of a field in a file."""
    number = message_type(message).fields[field].number
    assert number is not None
    return number


@cache
def messages() -> dict[str, Any]:
    """The classes by the messages' names."""
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message_factory import GetMessageClass

    file = file_description(_READ)
    for message in file.message_type:
        for field in message.field:
            if field.name in _BYTES:
                field.ClearField("type_name")
                field.type = field.TYPE_BYTES
    pool = DescriptorPool()
    pool.Add(file)
    return {
        name: GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in _READ
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
