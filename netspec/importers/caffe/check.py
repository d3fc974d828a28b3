"""A tree against the table of messages: fields that exist, values of their types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple, TypeAlias

from netspec.diagnostics import Diagnostics
from netspec.diagnostics.suggest import did_you_mean, nearest
from netspec.importers.caffe.messages import FieldType, MessageType, Scalar, message_type
from netspec.importers.caffe.messages.table import enum_type, is_enum, is_message
from netspec.importers.caffe.records import Item, Record
from netspec.importers.caffe.text import Empty, Field, Kind, Message, Token
from netspec.importers.caffe.text.numbers import BOOLEANS, integer, is_number, real
from netspec.listed import listed
from netspec.source.values import Place

_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
_MEANT = {
    "bool": "true or false",
    "float": "a number",
    "double": "a number",
    "string": "a string in quotes",
}
_Read: TypeAlias = Callable[[Token], Scalar | None]


def check(
    message: Message, name: str, diagnostics: Diagnostics, *, partial: bool = False
) -> Record:
    """The message that a tree is meant to be (`NetParameter`, `SolverParameter`).

    Whatever is wrong with it is added to `diagnostics`, and left out of the record; a field that
    the message doesn't have is but a warning if the network may be had in part. What
    `google.protobuf.text_format` refuses for the same messages is refused here and the other way
    round, but for fields and words that only forks have.
    """
    return _record(message, name, _Told(diagnostics, partial))


@dataclass(frozen=True)
class _Told:
    """Where mistakes are told, and whether fields that nothing has are mistakes."""

    diagnostics: Diagnostics
    partial: bool

    def error(self, code: str, message: str, place: Place, help: str | None = None) -> None:
        self.diagnostics.error(code, message, place.span, help=help)

    def unknown(self, field: Field | Empty, kind: MessageType) -> None:
        message = f"no field of {kind.name} is called `{shortened(field.name)}`"
        help = did_you_mean(field.name, kind.fields)
        report, code = (
            (self.diagnostics.warning, "left-out")
            if self.partial
            else (self.diagnostics.error, "unknown-field")
        )
        report(code, message, field.place.span, help=help)


class _Known(NamedTuple):
    """A field, and how a scalar is read as its value; None for a message."""

    type: FieldType
    read: _Read | None


def _record(message: Message, name: str, told: _Told) -> Record:
    known_fields = _known(name)
    record = Record(message_type(name), message.place)
    items = record.items
    for field in message.fields:
        known = known_fields.get(field.name)
        if known is None:
            record.unknown.append(field)
            told.unknown(field, record.type)
            continue
        value = field.value
        read: Scalar | Record | None = None
        if isinstance(value, Token):
            if known.read is not None:
                read = known.read(value)
        elif known.read is None:
            read = _record(value, known.type.type, told)
        if read is None:
            _wrong(field, known.type, told)
            continue
        found = items.setdefault(field.name, [])
        if not known.type.repeated and (found or field.listed):
            _several(field, found, told)
        found.append(Item(known.type, read, value.place, field.place))
    for empty in message.empty:
        _empty(empty, known_fields.get(empty.name), record.type, told)
    return record


@cache
def _known(name: str) -> dict[str, _Known]:
    return {each.name: _Known(each, _reader(each)) for each in message_type(name).fields.values()}


def _reader(field: FieldType) -> _Read | None:
    """How a scalar is read as a field's value: None where it is none."""
    kind = field.type
    if is_message(kind):
        return None
    if is_enum(kind):
        return partial(_word, words=enum_type(kind).words)
    readers: dict[str, _Read] = {"string": _string, "bool": _boolean, "float": _real}
    if kind in _RANGES:
        return partial(_integer, bounds=_RANGES[kind])
    return readers["float" if kind == "double" else kind]


def _string(token: Token) -> str | None:
    return token.text if token.kind is Kind.STRING else None


def _boolean(token: Token) -> bool | None:
    return BOOLEANS.get(token.text) if token.kind is not Kind.STRING else None


def _real(token: Token) -> float | None:
    return real(token.text) if token.kind is not Kind.STRING else None


def _integer(token: Token, bounds: tuple[int, int]) -> int | None:
    value = integer(token.text) if token.kind is Kind.NUMBER else None
    return value if value is not None and bounds[0] <= value <= bounds[1] else None


def _word(token: Token, words: Mapping[str, int | None]) -> str | None:
    """An enum's word; it may be given by its number."""
    if token.kind is Kind.WORD:
        return token.text if token.text in words else None
    number = integer(token.text) if token.kind is Kind.NUMBER else None
    return None if number is None else next((w for w, n in words.items() if n == number), None)


def _several(field: Field, found: list[Item], told: _Told) -> None:
    if found and field.listed and found[-1].key is field.place:
        return  # of the list it has been said
    if found:
        message = f"`{field.name}` is given twice, first in line {found[0].key.line}"
        told.error("duplicate-key", message, field.place)
    else:
        message = f"`{field.name}` should be one value, not a list"
        told.error("wrong-type", message, field.place)


def _empty(empty: Empty, known: _Known | None, kind: MessageType, told: _Told) -> None:
    """A list of nothing, which only a repeated field can be."""
    name, place = empty.name, empty.place
    if known is None:
        told.unknown(empty, kind)
    elif not known.type.repeated:
        told.error("wrong-type", f"`{name}` should be one value, not a list", place)
    elif known.read is not None and not empty.colon:
        message, help = f"expected `:` before a list of `{name}`", f"write `{name}: []`"
        told.error("prototxt-syntax", message, place, help=help)


def _wrong(field: Field, known: FieldType, told: _Told) -> None:
    """Say what a field's value should be."""
    value = field.value
    code, help = "wrong-type", None
    if is_message(known.type):
        meant, help = f"a message ({known.type})", f"write `{field.name} {{ … }}`"
    elif isinstance(value, Message):
        meant = _MEANT.get(known.type, "an integer" if known.type in _RANGES else "a word")
    elif value.kind is Kind.NUMBER and not is_number(value.text):
        return  # the reader of the text has said so
    elif is_enum(known.type):
        code, meant, help = _word_meant(value, known)
    elif known.type == "string":
        meant, help = "a string in quotes", "write it in quotes"
    elif known.type in _RANGES and value.kind is Kind.NUMBER and integer(value.text) is not None:
        least, most = _RANGES[known.type]
        code, meant = "bad-value", f"from {least} to {most}"
    else:
        meant = _MEANT.get(known.type, "an integer")
    message = f"`{field.name}` should be {meant}, not {_shown(value)}"
    told.error(code, message, value.place, help=help)


def _word_meant(value: Token, known: FieldType) -> tuple[str, str, str | None]:
    """The code, what an enum's value should be, and the help for one that isn't so."""
    words = enum_type(known.type).words
    if value.kind is Kind.STRING:
        near = nearest(value.text, words)
        return "wrong-type", "a word without quotes", f"write `{near}`" if near else None
    few = len(words) <= 8
    meant = listed([f"`{each}`" for each in words], "or") if few else f"a {known.type}"
    return "bad-value", meant, did_you_mean(value.text, words)


def _shown(value: Token | Message) -> str:
    if isinstance(value, Message):
        return "a message"
    text = shortened(value.text)
    return f"the string `{text}`" if value.kind is Kind.STRING else f"`{text}`"


def shortened(text: str) -> str:
    """As much of a word as a message shows."""
    return text if len(text) <= 40 else f"{text[:40]}…"
