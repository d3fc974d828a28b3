"""Messages of Caffe's as text: fields in the order given, those with their defaults left out."""

from collections.abc import Iterator, Mapping
from typing import Any

from netspec.importers.caffe.messages import FieldType, MessageType, message_type
from netspec.importers.caffe.messages.table import is_enum, is_message

MAX_WIDTH = 88
_STATED = frozenset(
    (
        ("FillerParameter", "type"),
        ("LossParameter", "normalization"),  # of which each loss has a default of its own
        ("ParamSpec", "lr_mult"),
        ("PoolingParameter", "pool"),
    )
)
"""Fields that are told where they have their default, too: so are they in files of Caffe's."""
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def written(name: str, fields: Mapping[str, Any]) -> str:
    """The text of a message; KeyError for a field that it hasn't got. Ends with a newline."""
    return "".join(f"{line}\n" for line in _lines(message_type(name), fields))


def _lines(kind: MessageType, fields: Mapping[str, Any]) -> Iterator[str]:
    for name, given in fields.items():
        field = kind.fields[name]
        for value in given if field.repeated else [given]:
            if is_message(field.type):
                yield from _message(field, value)
            elif field.repeated or value != field.default or (kind.name, name) in _STATED:
                yield f"{name}: {_scalar(field, value)}"


def _message(field: FieldType, fields: Mapping[str, Any]) -> Iterator[str]:
    """A message within another: on one line if it holds no further one and isn't a layer."""
    lines = list(_lines(message_type(field.type), fields))
    if not lines and not field.repeated and field.type != "BlobShape":
        return
    line = f"{field.name} {{ {' '.join(lines)} }}"
    flat = not any(each.endswith(("{", "}")) for each in lines)
    if flat and field.type != "LayerParameter" and len(line) <= MAX_WIDTH:
        yield line
        return
    yield f"{field.name} {{"
    yield from (f"  {each}" for each in lines)
    yield "}"


def _scalar(field: FieldType, value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value if is_enum(field.type) else f'"{"".join(map(_escaped, value))}"'
        case float() if value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        case _:
            return str(value)


def _escaped(char: str) -> str:
    """A character of a string; what doesn't show as it is byte by byte."""
    if char in _ESCAPES:
        return _ESCAPES[char]
    return char if char.isprintable() else "".join(f"\\{byte:03o}" for byte in char.encode())
