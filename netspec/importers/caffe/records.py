"""Messages whose fields are known: values of their types, each with its place."""

from typing import NamedTuple, TypeAlias

from netspec.importers.caffe.messages import FieldType, MessageType, Scalar
from netspec.importers.caffe.text import Field
from netspec.source.values import Place


class Item(NamedTuple):
    """A field's value; `place` is where it stands, `key` where its name does.

    A message is a record, an enum's value its word, a float as exact as it's written.
    """

    type: FieldType
    value: "Scalar | Record"
    place: Place
    key: Place


class Record:
    """A message: what is given of its fields, by their names and in the order of the text.

    `unknown` are the fields that the message doesn't have, which an error has been told of each.
    """

    __slots__ = ("items", "place", "type", "unknown")

    def __init__(self, type: MessageType, place: Place) -> None:
        self.type = type
        self.place = place
        self.items: dict[str, list[Item]] = {}
        self.unknown: list[Field] = []

    def __contains__(self, name: str) -> bool:
        return name in self.items

    def all(self, name: str) -> list[Item]:
        """All that is given of a field."""
        self._known(name)
        return self.items.get(name, [])

    def one(self, name: str) -> Item | None:
        """What is given of a field that isn't repeated."""
        found = self.all(name)
        return found[0] if found else None

    def value(self, name: str) -> Scalar | None:
        """The value of a field that is neither a message nor repeated, or its default."""
        item = self.one(name)
        if item is None:
            return self.type.fields[name].default
        assert not isinstance(item.value, Record)
        return item.value

    def values(self, name: str) -> list[Scalar]:
        """The values of a repeated field that is no message."""
        return [each.value for each in self.all(name) if not isinstance(each.value, Record)]

    def record(self, name: str) -> "Record | None":
        """What is given of a field that is a message and not repeated."""
        item = self.one(name)
        return item.value if item is not None and isinstance(item.value, Record) else None

    def records(self, name: str) -> "list[Record]":
        """What is given of a repeated field that is a message."""
        return [each.value for each in self.all(name) if isinstance(each.value, Record)]

    def plain(self) -> "Plain":
        """Names and values alone: lists of a repeated field's, and of the others the only one."""
        return {
            name: [_plain(each) for each in found]
            if self.type.fields[name].repeated
            else _plain(found[0])
            for name, found in self.items.items()
        }

    def _known(self, name: str) -> None:
        if name not in self.type.fields:
            raise KeyError(f"{self.type.name} has no field {name}")


Plain: TypeAlias = "dict[str, Scalar | Plain | list[Scalar | Plain]]"


def _plain(item: Item) -> "Scalar | Plain":
    return item.value.plain() if isinstance(item.value, Record) else item.value
