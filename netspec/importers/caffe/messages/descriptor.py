"""The table as protobuf's own description of messages, for what reads binary files."""

from collections.abc import Mapping
from typing import Any

from netspec.importers.caffe.messages.table import (
    FieldType,
    enum_names,
    enum_type,
    is_enum,
    is_message,
    message_names,
    message_type,
)

PACKAGE = "netspec.caffe"
_FIRST_OF_FORKS = 10_000
"""A number for a fork's first field, where it must have one: no fork has so many fields."""


def file_description(only: Mapping[str, tuple[str, ...]] | None = None) -> Any:
    """A `FileDescriptorProto` of all messages, forks' fields with numbers of ours.

    With `only` it has these messages alone, and of each these fields: what else a binary file holds
    is left unread, so that a fork's other use of a number does no harm.
    """
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    file = FileDescriptorProto(name="netspec/caffe.proto", package=PACKAGE, syntax="proto2")
    for name in message_names() if only is None else only:
        message = file.message_type.add(name=name)
        fields = message_type(name).fields
        for number, field in enumerate(fields.values(), _FIRST_OF_FORKS):
            if only is None or field.name in only[name]:
                _describe(message.field.add(), field, number)
    for name in enum_names():
        # Words are names beside their enum's: each enum stands in a message of its own.
        words = file.message_type.add(name=f"{name}Words").enum_type.add(name=name).value
        for number, (word, given) in enumerate(enum_type(name).words.items(), _FIRST_OF_FORKS):
            words.add(name=word, number=number if given is None else given)
    return file


def _describe(described: Any, field: FieldType, number: int) -> None:
    described.name = field.name
    described.number = number if field.number is None else field.number
    described.label = 3 if field.repeated else 1
    if is_message(field.type):
        described.type, described.type_name = 11, f".{PACKAGE}.{field.type}"
    elif is_enum(field.type):
        described.type, described.type_name = 14, f".{PACKAGE}.{field.type}Words.{field.type}"
    else:
        described.type = described.Type.Value(f"TYPE_{field.type.upper()}")
    if field.default is not None:
        default = field.default
        described.default_value = (
            str(default).lower() if isinstance(default, bool) else str(default)
        )
