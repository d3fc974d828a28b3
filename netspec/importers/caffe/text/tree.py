"""A text's messages, fields and scalars, as they stand there."""

from enum import Enum, auto
from typing import NamedTuple, TypeAlias

from netspec.source.values import Place


class Kind(Enum):
    """What a scalar is written as."""

    STRING = auto()
    NUMBER = auto()
    WORD = auto()
    """A word without quotes: of an enum, `true`, `false`, `inf`, `nan`."""


class Token(NamedTuple):
    """A scalar as it stands in the text.

    `text` is what a string means, its escapes resolved and what stands side by side joined;
    otherwise the characters.
    """

    kind: Kind
    text: str
    place: Place


class Field(NamedTuple):
    """A field's name, where it stands, and a value; `listed` if it stands in `[…]`.

    The fields of a list have one name at one place.
    """

    name: str
    place: Place
    value: "Value"
    listed: bool = False


class Empty(NamedTuple):
    """A list of nothing: `name: []`; `colon` if it has one."""

    name: str
    place: Place
    colon: bool


class Message(NamedTuple):
    """Fields in the order of the text, those of one name in several places too.

    `place` is from the opening brace to behind the closing one, or the whole text.
    """

    fields: tuple[Field, ...]
    place: Place
    empty: tuple[Empty, ...] = ()


Value: TypeAlias = Token | Message
