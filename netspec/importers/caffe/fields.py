"""The fields of a message, by name and type. What nobody has asked for is known afterwards."""

from collections.abc import Iterator, Sequence

from netspec.diagnostics import Diagnostic, SpecError
from netspec.importers.caffe.text import Field, Kind, Message, Token
from netspec.importers.caffe.text.numbers import BOOLEANS, integer, real
from netspec.importers.caffe.told import Told
from netspec.source.values import Place


class Fields:
    """The fields of a message, or of none where the text hasn't got it.

    Of a field that may stand once, the last one counts, as in protobuf.
    """

    def __init__(self, message: Message | None, path: str = "") -> None:
        self.message = message
        self.path = path
        self._by_name: dict[str, list[Field]] = {}
        for field in message.fields if message is not None else ():
            self._by_name.setdefault(field.name, []).append(field)
        self._asked: set[str] = set()
        self._within: dict[str, list[Fields]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    @property
    def names(self) -> list[str]:
        """The names of all fields, in the order of the text."""
        return list(self._by_name)

    def field(self, name: str) -> Field | None:
        """The last field of a name."""
        self._asked.add(name)
        found = self._by_name.get(name)
        return found[-1] if found else None

    def ignore(self, *names: str) -> list[str]:
        """Fields that may stand and say nothing to a spec; those that do stand."""
        self._asked.update(names)
        return [name for name in names if name in self._by_name]

    def pass_over(self) -> None:
        """Take all of it for known."""
        self._asked.update(self._by_name)
        self._within.clear()

    def every(self, name: str) -> list[Field]:
        """All fields of a name, in order."""
        self._asked.add(name)
        return self._by_name.get(name, [])

    def peek(self, name: str) -> "Fields":
        """A message within, without asking for it."""
        found = [each.value for each in self._by_name.get(name, [])]
        return Fields(next((each for each in found if isinstance(each, Message)), None))

    def message_of(self, name: str) -> "Fields":
        """A message within, the fields of all that are called so, as protobuf merges them."""
        if name in self._within:
            return self._within[name][0]
        found = [each for each in self.every(name) if isinstance(each.value, Message)]
        merged: Message | None = None
        for each in found:
            value = each.value
            assert isinstance(value, Message)
            fields = (*merged.fields, *value.fields) if merged is not None else value.fields
            merged = Message(fields, value.place)
        self._within[name] = [self._inner(merged, name)]
        return self._within[name][0]

    def messages(self, name: str) -> "list[Fields]":
        """The messages of a repeated field."""
        if name not in self._within:
            found = [each.value for each in self.every(name)]
            self._within[name] = [
                self._inner(value, name) for value in found if isinstance(value, Message)
            ]
        return self._within[name]

    def integer(self, name: str) -> Told | None:
        field = self.field(name)
        return None if field is None else _integer(field)

    def number(self, name: str) -> Told | None:
        field = self.field(name)
        return None if field is None else _number(field)

    def boolean(self, name: str) -> Told | None:
        field = self.field(name)
        if field is None:
            return None
        text = _token(field).text
        if text not in BOOLEANS:
            raise _wrong(field, "true or false")
        return _told(field, BOOLEANS[text])

    def text(self, name: str) -> Told | None:
        """A string."""
        field = self.field(name)
        return None if field is None else _told(field, _token(field).text)

    def word(self, name: str, words: Sequence[str]) -> Told | None:
        """An enum's word, which may be written as its number; `words` are by number."""
        field = self.field(name)
        if field is None:
            return None
        token = _token(field)
        number = integer(token.text) if token.kind is Kind.NUMBER else None
        if number is not None and 0 <= number < len(words):
            return _told(field, words[number])
        return _told(field, token.text)

    def integers(self, name: str) -> list[Told]:
        return [_integer(field) for field in self.every(name)]

    def numbers(self, name: str) -> list[Told]:
        return [_number(field) for field in self.every(name)]

    def texts(self, name: str) -> list[Told]:
        return [_told(field, _token(field).text) for field in self.every(name)]

    def unread(self) -> Iterator[tuple[str, Field]]:
        """The fields that nobody has asked for, here and within, with their paths."""
        for name, fields in self._by_name.items():
            if name not in self._asked:
                yield f"{self.path}{name}", fields[0]
        for within in self._within.values():
            for each in within:
                yield from each.unread()

    @property
    def place(self) -> Place:
        assert self.message is not None
        return self.message.place

    def _inner(self, message: Message | None, name: str) -> "Fields":
        return Fields(message, f"{self.path}{name}." if self.path or name != "layer" else "")


def _token(field: Field) -> Token:
    if not isinstance(field.value, Token):
        raise _wrong(field, "a value")
    return field.value


def _told(field: Field, value: object) -> Told:
    return Told(value, field.place, field.value.place)


def _integer(field: Field) -> Told:
    token = _token(field)
    value = integer(token.text) if token.kind is Kind.NUMBER else None
    if value is None:
        raise _wrong(field, "an integer")
    return _told(field, value)


def _number(field: Field) -> Told:
    """A number; an integer where the text has one, which reads better in a spec."""
    token = _token(field)
    value = real(token.text) if token.kind is not Kind.STRING else None
    if value is None:
        raise _wrong(field, "a number")
    whole = value.is_integer() and abs(value) < 2**31
    return _told(field, int(value) if whole else value)


def _wrong(field: Field, what: str) -> SpecError:
    message = f"`{field.name}` takes {what}"
    return SpecError([Diagnostic("wrong-type", message, field.value.place.span)])
