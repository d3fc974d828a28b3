"""The grammar of the text format: fields, messages and lists, nested in a list of frames.

text    = field*
field   = NAME ":" scalar | NAME ":"? message | NAME ":"? list, then at most one "," or ";"
message = "{" field* "}" | "<" field* ">"
list    = "[" "]" | "[" item ("," item)* "]", of scalars only behind ":"
scalar  = STRING+ | NUMBER | NAME
"""

import re
from typing import NoReturn

from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, SpecError
from netspec.importers.caffe.text import scanner
from netspec.importers.caffe.text.numbers import is_number
from netspec.importers.caffe.text.scanner import Scanner
from netspec.importers.caffe.text.strings import unescaped
from netspec.importers.caffe.text.tree import Empty, Field, Kind, Message, Token, Value
from netspec.source.reader import MAX_DEPTH, MAX_SCALAR
from netspec.source.values import Place

MAX_FIELDS = 1_000_000
"""How many fields a text may hold; a network at the limit of layers has so many."""

_CLOSING = {"{": "}", "<": ">"}
_KINDS = {
    scanner.VALUE_STRING: Kind.STRING,
    scanner.VALUE_NUMBER: Kind.NUMBER,
    scanner.VALUE_WORD: Kind.WORD,
}


def parse(source: SourceText, diagnostics: Diagnostics) -> Message:
    """The message that a text is; SpecError with the first thing that isn't the text format.

    What can be read over, a number or a string that is none, is added to `diagnostics`.
    """
    return _Parser(source, diagnostics).parse()


class _Frame:
    """A message whose end hasn't come: its field's name, its fields, where it began."""

    __slots__ = ("closing", "empty", "fields", "listed", "name", "place", "start")

    def __init__(self, name: str, place: Place, listed: bool, closing: str, start: int) -> None:
        self.name = name
        self.place = place
        self.listed = listed
        self.closing = closing
        self.start = start
        self.fields: list[Field] = []
        self.empty: list[Empty] = []


class _Parser:
    def __init__(self, source: SourceText, diagnostics: Diagnostics) -> None:
        self.diagnostics = diagnostics
        self.text = source.text
        self.scan = Scanner(source)
        self.stack = [_Frame("", self.scan.between(0, 0), False, "", 0)]
        self.count = 0

    def parse(self) -> Message:
        scan, text, match = self.scan, self.text, scanner.STEP.match
        position = 0
        while True:
            step = match(text, position)
            if step is not None and self._step(step):
                position = step.end()
                continue
            scan.seek(position)
            if scan.kind == scanner.END and len(self.stack) == 1:
                break
            self._slowly()
            position = scan.start
        (frame,) = self.stack
        return Message(tuple(frame.fields), scan.between(0, len(text)), tuple(frame.empty))

    def _step(self, step: re.Match[str]) -> bool:
        """Take a step; whether it is one that can be taken without a closer look."""
        kind = step.lastindex
        assert kind is not None
        between = self.scan.between
        if kind == scanner.CLOSING:
            frame = self.stack[-1]
            if step[kind] != frame.closing or frame.listed:
                return False
            self._close(step.end(kind))
            return True
        start, end = step.span(kind)
        if kind == scanner.OPENING:
            name, place = step[scanner.FIELD], between(*step.span(scanner.FIELD))
            self._open(name, place, False, step[kind], start)
            return True
        value = step[kind]
        if kind == scanner.VALUE_STRING:
            value = value[1:-1]
            if "\\" in value or len(value) > MAX_SCALAR:
                return False
        elif kind == scanner.VALUE_NUMBER and not is_number(value):
            return False
        place = between(*step.span(scanner.FIELD))
        self._add(step[scanner.FIELD], place, Token(_KINDS[kind], value, between(start, end)))
        return True

    def _slowly(self) -> None:
        """What begins at the present token, as far as the next field."""
        scan = self.scan
        if scan.kind == scanner.NAME:
            self._field()
        elif scan.text == self.stack[-1].closing:
            self._end()
        else:
            self._no_field()

    def _field(self) -> None:
        """A field, or as much of it as stands before its message's fields."""
        scan = self.scan
        name, place = scan.text, scan.place()
        scan.advance()
        colon = scan.text == ":"
        if colon:
            scan.advance()
        if scan.text in _CLOSING:
            self._open(name, place, False, scan.text, scan.start)
            scan.advance()
        elif scan.text == "[":
            self._list(name, place, colon)
        elif colon:
            self._add(name, place, self._scalar(name))
            self._separator()
        else:
            help = f"write `{name}: value`, or `{name} {{ … }}`"
            self._fail(f"expected `:` or `{{` after `{name}`", help=help)

    def _list(self, name: str, place: Place, colon: bool) -> None:
        scan = self.scan
        scan.advance()
        if scan.text == "]":
            self.stack[-1].empty.append(Empty(name, place, colon))
            scan.advance()
            self._separator()
        else:
            self._items(name, place, colon)

    def _items(self, name: str, place: Place, colon: bool = True) -> None:
        """A list from an item on, as far as the fields of the next message in it."""
        scan = self.scan
        while scan.text not in _CLOSING:
            if not colon:
                help = f"write `{name}: […]`"
                self._fail(f"expected `:` before a list of `{name}`", help=help)
            self._add(name, place, self._scalar(name), listed=True)
            if not self._continues():
                return
        self._open(name, place, True, scan.text, scan.start)
        scan.advance()

    def _continues(self) -> bool:
        """Whether a list goes on behind an item; on behind the list if it doesn't."""
        scan = self.scan
        if scan.text not in (",", "]"):
            self._fail(f"expected `,` or `]` in a list{self._found()}")
        more = scan.text == ","
        scan.advance()
        if not more:
            self._separator()
        return more

    def _open(self, name: str, place: Place, listed: bool, opening: str, start: int) -> None:
        if len(self.stack) > MAX_DEPTH:
            raise _error("too-deep", f"nested more than {MAX_DEPTH} levels deep", place)
        self.stack.append(_Frame(name, place, listed, _CLOSING[opening], start))

    def _close(self, end: int) -> bool:
        """End the innermost message; whether it stood in a list."""
        frame = self.stack.pop()
        place = self.scan.between(frame.start, end)
        message = Message(tuple(frame.fields), place, tuple(frame.empty))
        self._add(frame.name, frame.place, message, frame.listed)
        return frame.listed

    def _end(self) -> None:
        """The end of a message, and what may stand behind it."""
        scan = self.scan
        name, place = self.stack[-1].name, self.stack[-1].place
        listed = self._close(scan.end)
        scan.advance()
        if not listed:
            self._separator()
        elif self._continues():
            self._items(name, place)

    def _add(self, name: str, place: Place, value: Value, listed: bool = False) -> None:
        self.count += 1
        if self.count > MAX_FIELDS:
            raise _error("too-large", f"more than {MAX_FIELDS:,} fields", place)
        self.stack[-1].fields.append(Field(name, place, value, listed))

    def _separator(self) -> None:
        if self.scan.text in (",", ";"):
            self.scan.advance()

    def _scalar(self, name: str) -> Token:
        scan = self.scan
        if scan.kind == scanner.STRING:
            return self._string()
        if scan.kind == scanner.BROKEN:
            self._fail("this string has no closing quote in its line")
        if scan.kind not in (scanner.NAME, scanner.NUMBER):
            self._fail(f"expected the value of `{name}`{self._found()}")
        place = scan.place()
        kind = Kind.WORD if scan.kind == scanner.NAME else Kind.NUMBER
        if kind is Kind.NUMBER and not is_number(scan.text):
            message = f"`{_short(scan.text)}` is no number"
            help = "write the sign and the number together" if scan.text in "+-" else None
            self.diagnostics.error("prototxt-syntax", message, place.span, help=help)
        token = Token(kind, scan.text, place)
        scan.advance()
        return token

    def _string(self) -> Token:
        """The strings side by side from the present token on, as one."""
        scan = self.scan
        start, end, literals = scan.start, scan.end, []
        while scan.kind == scanner.STRING:
            literals.append(scan.text)
            end = scan.end
            scan.advance()
        place = scan.between(start, end)
        length = sum(map(len, literals)) - 2 * len(literals)
        if length > MAX_SCALAR:
            raise _error("too-large", f"a string of {length:,} characters", place)
        text = unescaped(literals)
        if text is None:
            message = "an escape in this string is incomplete, or what it makes isn't UTF-8"
            self.diagnostics.error("prototxt-syntax", message, place.span)
        return Token(Kind.STRING, text or "", place)

    def _no_field(self) -> NoReturn:
        """Say why no field begins here."""
        scan, frame = self.scan, self.stack[-1]
        line = scan.between(frame.start, frame.start).line
        if scan.kind == scanner.END:
            self._fail(f"the message that begins in line {line} has no closing `{frame.closing}`")
        if scan.text in _CLOSING.values():
            self._fail(
                f"`{scan.text}` closes the message that begins in line {line}, "
                f"where a `{frame.closing}` must"
                if frame.closing
                else f"`{scan.text}` closes nothing"
            )
        if scan.kind == scanner.NUMBER:
            self._fail(f"expected the name of a field, not the number `{_short(scan.text)}`")
        if scan.text == "[":
            self._fail("Caffe's messages have no extensions, and `Any` is none of them")
        self._fail(f"expected a field{self._found()}")

    def _found(self) -> str:
        scan = self.scan
        return ", but the text ends" if scan.kind == scanner.END else f", not `{_short(scan.text)}`"

    def _fail(self, message: str, help: str | None = None) -> NoReturn:
        """Stop at the present token."""
        raise _error("prototxt-syntax", message, self.scan.place(), help)


def _error(code: str, message: str, place: Place, help: str | None = None) -> SpecError:
    return SpecError([Diagnostic(code, message, place.span, help=help)])


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
