"""Trees made of parts of other trees, each at the place of what it comes from."""

from collections.abc import Iterable, Iterator

from netspec.importers.caffe.text import Field, Kind, Message, Token


def renamed(field: Field, name: str) -> Field:
    """The field under another name."""
    return field._replace(name=name)


def with_text(field: Field, name: str, text: str) -> Field:
    """A string that says in another form what a field says."""
    return Field(name, field.place, Token(Kind.STRING, text, field.value.place))


def wrapped(name: str, fields: Iterable[Field]) -> Iterator[Field]:
    """A message of some fields, at the place of the first; none of no fields."""
    found = tuple(fields)
    if found:
        yield Field(name, found[0].place, Message(found, found[0].value.place))


def nested(field: Field) -> tuple[Field, ...]:
    """The fields of a message; none of what should be one and isn't."""
    return field.value.fields if isinstance(field.value, Message) else ()


def with_fields(field: Field, fields: Iterable[Field]) -> Field:
    """A message's field with other fields within."""
    place = field.value.place
    return field._replace(value=Message(tuple(fields), place))


def first(fields: Iterable[Field], name: str) -> Field | None:
    """The first field of a name."""
    return next((each for each in fields if each.name == name), None)


def text(field: Field | None) -> str:
    """The characters of a scalar; empty for a message, or for no field."""
    return field.value.text if field is not None and isinstance(field.value, Token) else ""
