"""The tables of messages and enums, read as far as they are asked for.

A message has a line for each field: `number name type [= default]`, with `*` behind the type of a
field that is repeated; without a number it is a fork's. Numbers are those of BVLC's Caffe, in whose
binary files the fields go by them; those of forks contradict one another. An enum's words have
numbers in their order, or the one behind `=`; a word with `+` before it is a fork's.

Where forks differ in a field of one name, it is read as the more general one (`resize_param` is
repeated), and has no default if theirs differ (`upsample_param.scale`).
"""

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from netspec.importers.caffe.messages import (
    enums,
    fork_detection,
    fork_fields,
    fork_layers,
    fork_sources,
    layers,
    networks,
    old,
    solvers,
    sources,
)

Scalar: TypeAlias = bool | int | float | str
"""The value of a field that isn't a message; an enum's is its word."""

_OWN = ChainMap(networks.FIELDS, layers.FIELDS, sources.FIELDS, solvers.FIELDS, old.FIELDS)
_FORKS = ChainMap(
    fork_fields.FIELDS, fork_layers.FIELDS, fork_detection.FIELDS, fork_sources.FIELDS
)
_READERS: dict[str, Callable[[str], Scalar]] = {
    "bool": lambda text: text == "true",
    "float": float,
    "double": float,
    "string": str,
}


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field: `type` is a scalar's type, or the name of an enum or a message.

    `default` is None for a message, a repeated field, and where not to say it means something else
    than any value.
    """

    name: str
    type: str
    repeated: bool
    default: Scalar | None
    number: int | None

    @property
    def fork(self) -> bool:
        """Whether Caffe itself doesn't have it."""
        return self.number is None


@dataclass(frozen=True, slots=True)
class MessageType:
    """A message: its fields by their names."""

    name: str
    fields: Mapping[str, FieldType]


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enum: the numbers of its words; a fork's word has none."""

    name: str
    words: Mapping[str, int | None]


def message_names() -> list[str]:
    """The names of all messages."""
    return sorted({*_OWN, *_FORKS})


def enum_names() -> list[str]:
    """The names of all enums."""
    return list(enums.WORDS)


def is_message(name: str) -> bool:
    """Whether a type is a message."""
    return name in _OWN or name in _FORKS


def is_enum(name: str) -> bool:
    """Whether a type is an enum."""
    return name in enums.WORDS


@cache
def message_type(name: str) -> MessageType:
    """The message of a name; KeyError where there is none."""
    lines = [*_lines(_OWN, name), *_lines(_FORKS, name)]
    if name == "V1LayerParameter":  # forks give both forms of layers the same
        lines += _lines(_FORKS, "LayerParameter")
    if not lines:
        raise KeyError(name)
    return MessageType(name, {each.name: each for each in map(_field, lines)})


@cache
def enum_type(name: str) -> EnumType:
    """The enum of a name; KeyError where there is none."""
    return EnumType(name, dict(_words(enums.WORDS[name])))


def _lines(table: Mapping[str, str], name: str) -> list[str]:
    return [line for each in table.get(name, "").splitlines() if (line := each.strip())]


def _field(line: str) -> FieldType:
    head, equals, default = line.partition(" =")
    *number, name, kind = head.split()
    read = _READERS.get(kind, str if is_enum(kind) else int)
    return FieldType(
        name,
        kind.removesuffix("*"),
        kind.endswith("*"),
        read(default.strip()) if equals else None,
        int(number[0]) if number else None,
    )


def _words(text: str) -> Iterator[tuple[str, int | None]]:
    number = 0
    for each in text.split():
        if each.startswith("+"):
            yield each[1:], None
            continue
        word, _, given = each.partition("=")
        number = int(given or number)
        yield word, number
        number += 1
