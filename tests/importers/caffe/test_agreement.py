"""The reader of the text format beside protobuf's own, on texts drawn from the table of messages:
what the one takes, so does the other, with the same values; what it refuses, too.
"""

import struct
import warnings
from functools import cache
from typing import Any

import pytest
from google.protobuf import text_format
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.importers.caffe.check import check
from netspec.importers.caffe.messages.table import FieldType, is_enum, is_message, message_type
from netspec.importers.caffe.records import Record
from netspec.importers.caffe.text import parse
from tests.importers.caffe.protobuf_classes import message_class
from tests.importers.caffe.texts import ODD, texts

net_class = cache(lambda: message_class("NetParameter"))


def theirs(text: str) -> Any:
    """The message that protobuf reads; None where it refuses the text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # escapes that Python doesn't have
        try:
            return text_format.Parse(text, net_class()())
        except text_format.ParseError:
            return None


def ours(text: str) -> Record | None:
    diagnostics = Diagnostics()
    try:
        found = check(parse(SourceText("x", text), diagnostics), "NetParameter", diagnostics)
        diagnostics.raise_errors()
    except SpecError as error:
        places = [each.span for each in error.diagnostics]
    else:
        return found
    assert None not in places
    return None


def values(message: Any) -> dict[str, Any]:
    """What protobuf read, in the form of a record's."""
    fields = message_type(message.DESCRIPTOR.name).fields
    found = {}
    for described, value in message.ListFields():
        field = fields[described.name]
        many = [_value(field, described, each) for each in (value if field.repeated else [value])]
        found[field.name] = many if field.repeated else many[0]
    return found


def _value(field: FieldType, described: Any, value: Any) -> Any:
    if is_message(field.type):
        return values(value)
    return described.enum_type.values_by_number[value].name if is_enum(field.type) else value


def plain(record: Record) -> dict[str, Any]:
    """What netspec read, with floats as coarse as protobuf keeps them."""
    return {
        name: [_coarse(each.value, each.type) for each in found]
        if record.type.fields[name].repeated
        else _coarse(found[0].value, found[0].type)
        for name, found in record.items.items()
    }


def _coarse(value: Any, field: FieldType) -> Any:
    if isinstance(value, Record):
        return plain(value)
    if field.type != "float":
        return value
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return float("inf") if value > 0 else -float("inf")


def agree(text: str) -> None:
    read, expected = ours(text), theirs(text)
    assert (read is None) == (expected is None)
    if read is not None:
        assert repr(ordered(plain(read))) == repr(ordered(values(expected)))


def ordered(value: Any) -> Any:
    """With names in order, of whatever is nested in it."""
    if isinstance(value, dict):
        return {name: ordered(value[name]) for name in sorted(value)}
    return [*map(ordered, value)] if isinstance(value, list) else value


@pytest.mark.parametrize("colon", [":", " "])
@pytest.mark.parametrize("value", ODD)
def test_odd_values(value: str, colon: str) -> None:
    convolution = "bias_term pad pad_h axis engine weight_filler"
    for name in ["name", "input", "input_dim", "state", "layer", "nothing"]:
        agree(f"{name}{colon}{value}")
    for name in convolution.split():
        agree(f"layer {{ convolution_param {{ {name}{colon}{value} group: 1 }} }}")
    agree(f"layer {{ loss_weight{colon}{value} power_param {{ power{colon}{value} }} }}")


@given(texts())
@settings(max_examples=300, deadline=None)
def test_texts(text: str) -> None:
    agree(text)


EDITS = st.sampled_from(
    [*"{}<>[]:;,#'\"\\-+.0x \n", "1", "a", "layer", "[{", "''", "\\x", "é", "\x00"]
)


@given(texts(), st.lists(st.tuples(st.integers(0, 200), EDITS, st.booleans()), max_size=4))
@settings(max_examples=300, deadline=None)
def test_damaged_texts(text: str, edits: list[tuple[int, str, bool]]) -> None:
    for place, edit, instead in edits:
        at = place % (len(text) + 1)
        text = text[:at] + edit + text[at + instead :]
    agree(text)
    agree(text[: len(text) // 2])
