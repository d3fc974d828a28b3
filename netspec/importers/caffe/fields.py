"""The fields of a record, by name and type. What nobody has asked for is known afterwards."""

from collections.abc import Iterator

from netspec.importers.caffe.records import Item, Record
from netspec.importers.caffe.told import Told
from netspec.source.values import Place


class Fields:
    """The fields of a record, or of none where the text hasn't got it."""

    def __init__(self, record: Record | None, path: str = "", place: Place | None = None) -> None:
        self.record = record
        self._path = path
        self._place = place if place is not None or record is None else record.place
        self._asked: set[str] = set()
        self._within: dict[str, list[Fields]] = {}

    def __contains__(self, name: str) -> bool:
        return self.record is not None and name in self.record

    @property
    def names(self) -> list[str]:
        """The names of all fields, in the order of the text."""
        return list(self.record.items) if self.record is not None else []

    @property
    def place(self) -> Place:
        assert self._place is not None
        return self._place

    def ignore(self, *names: str) -> list[str]:
        """Fields that may stand and say nothing to a spec; those that do stand."""
        self._asked.update(names)
        return [name for name in names if name in self]

    def pass_over(self) -> None:
        """Take all of it for known."""
        self._asked.update(self.names)
        self._within.clear()

    def item(self, name: str) -> Item | None:
        """What is given of a field that isn't repeated."""
        found = self._items(name)
        return found[0] if found else None

    def told(self, name: str) -> Told | None:
        """The value of a field that isn't repeated, where it is given: a number as a spec has it,
        a boolean, a string, an enum's word.
        """
        found = self.item(name)
        return None if found is None else _told(found)

    def every(self, name: str) -> list[Told]:
        """The values of a repeated field."""
        return [_told(each) for each in self._items(name)]

    def message(self, name: str) -> "Fields":
        """A message within, which needn't be there."""
        if name not in self._within:
            found = self.item(name)
            value = found.value if found is not None else None
            inner = value if isinstance(value, Record) else None
            self._within[name] = [self._inner(inner, name)]
        return self._within[name][0]

    def messages(self, name: str) -> "list[Fields]":
        """The messages of a repeated field."""
        if name not in self._within:
            values = [each.value for each in self._items(name)]
            self._within[name] = [
                self._inner(value, name) for value in values if isinstance(value, Record)
            ]
        return self._within[name]

    def unread(self) -> Iterator[tuple[str, Item]]:
        """The fields that nobody has asked for, here and within, with their paths."""
        for name in self.names:
            if name not in self._asked:
                assert self.record is not None
                yield f"{self._path}{name}", self.record.items[name][0]
        for within in self._within.values():
            for each in within:
                yield from each.unread()

    def _items(self, name: str) -> list[Item]:
        self._asked.add(name)
        return self.record.items.get(name, []) if self.record is not None else []

    def _inner(self, record: Record | None, name: str) -> "Fields":
        return Fields(record, f"{self._path}{name}." if self._path or name != "layer" else "")


def _told(item: Item) -> Told:
    value = item.value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**31:
        value = int(value)  # which reads better in a spec
    return Told(value, item.key, item.place)
