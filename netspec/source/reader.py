"""YAML text to values with positions, in one pass over libyaml's events.

PyYAML's own composer recurses and can overflow the C stack on deep nesting, which nothing can
catch; here the nesting is a list, and bounded. Anchors, aliases and merge keys work within a bound
on what they expand to; tags, several documents and keys other than text are refused.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, Span, SpecError
from netspec.source.scalars import resolve
from netspec.source.values import Mapping, Scalar, Sequence, Value

MAX_BYTES = 16 * 2**20
MAX_DEPTH = 100
MAX_EXPANSION = 200_000
"""How many values aliases may stand for in a text, beyond those written out."""
MAX_SCALAR = 65_536
MAX_VALUES = 3_000_000
"""How many keys and values a text may hold; a network at the limit of layers has two million."""

_Loader: Any = getattr(yaml, "CLoader", yaml.Loader)
MERGE_KEY = "<<"


def decode(data: bytes, name: str) -> SourceText:
    """The text of a file; SpecError where it is too large or not UTF-8."""
    if len(data) > MAX_BYTES:
        raise too_large(name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        raise SpecError(
            [Diagnostic("not-text", f"{name} is not UTF-8 text (byte {error.start}, line {line})")]
        ) from None
    return SourceText(name, text)


def too_large(name: str) -> SpecError:
    """The error for a file over the limit, which need not be read to be refused."""
    limit = MAX_BYTES // 2**20
    return SpecError([Diagnostic("file-too-large", f"{name} is larger than {limit} MiB")])


def read(source: SourceText, diagnostics: Diagnostics) -> Value:
    """The only document of a YAML text; SpecError with the first thing that isn't YAML.

    What can be read over, a key given twice, is added to `diagnostics`; the first one stands.
    """
    place = _forbidden(source) if _SURROGATE.search(source.text) else None
    if place is not None:
        message = "half of a character (a lone surrogate)"
        raise SpecError([Diagnostic("not-text", message, place)])
    return _read(source, source.text, diagnostics)


def _read(source: SourceText, text: str, diagnostics: Diagnostics) -> Value:
    """The document of a source of which the text is all, or as much as libyaml took."""
    try:
        loader = _Loader(text)
        try:
            return _Composer(source, loader, diagnostics).compose()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if mark is not None and mark.index < len(text) and _TOO_DEEP in (error.problem or ""):
            # libyaml looks ahead, and since 0.2.6 to no more levels than 1,000. What stands before
            # has more than are allowed here.
            return _read(source, text[: mark.index], diagnostics)
        raise SpecError([_syntax_error(source, error)]) from None
    except yaml.reader.ReaderError:
        message = "a character that YAML doesn't allow"
        raise SpecError([Diagnostic("not-text", message, _forbidden(source))]) from None


_TOO_DEEP = "maximum nesting"
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORBIDDEN = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _forbidden(source: SourceText) -> Span | None:
    """The first character that YAML doesn't allow."""
    for number, line in enumerate(source.lines, 1):
        if found := _FORBIDDEN.search(line):
            column = found.start() + 1
            return Span(source, number, column, number, column + 1)
    return None


@dataclass(slots=True)
class _Frame:
    """A collection whose end hasn't come.

    `items` are those of a list, `start` is how many values were read before it, `height` how deep
    what it holds is nested; `key` is the key that waits for its value.
    """

    value: Mapping | Sequence
    items: list[Value] | None
    anchor: str | None
    start: int
    height: int = 1
    key: Scalar | None = None
    merged: list[Value] | None = None


@dataclass(frozen=True, slots=True)
class _Anchor:
    """An anchored value, how many values it holds and how deep it is nested."""

    value: Value
    weight: int
    height: int


class _Composer:
    def __init__(self, source: SourceText, loader: Any, diagnostics: Diagnostics) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.loader = loader
        self.stack: list[_Frame] = []
        self.anchors: dict[str, _Anchor] = {}
        self.open_anchors: set[str] = set()
        self.written = 0
        self.expanded = 0
        self.root: Value | None = None

    def compose(self) -> Value:
        handlers = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start_mapping,
            yaml.SequenceStartEvent: self._start_sequence,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        get_event = self.loader.get_event
        while (event := get_event()) is not None:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
        if self.root is None or (isinstance(self.root, Scalar) and self.root.value is None):
            raise SpecError([Diagnostic("empty-spec", f"{self.source.name} is empty")])
        return self.root

    def _document(self, event: Any) -> None:
        if self.root is not None:
            raise self._error("yaml-unsupported", "a spec is one YAML document, not several", event)

    def _scalar(self, event: Any) -> None:
        if event.tag is not None:
            self._check_tag(event)
        start, end = event.start_mark, event.end_mark
        text: str = event.value
        if len(text) > MAX_SCALAR:
            raise self._error("too-large", f"a string of {len(text):,} characters", event)
        value: bool | int | float | str | None = text
        # The second of `implicit` is for scalars that are not plain.
        plain = event.implicit[0]
        if plain:
            try:
                value = resolve(text)
            except OverflowError:
                raise self._error("too-large", "an integer of over 64 bits", event) from None
        scalar = Scalar(
            value,
            not plain,
            self.source,
            start.line + 1,
            start.column + 1,
            end.line + 1,
            end.column + 1,
            text,
        )
        self.written += 1
        if self.written > MAX_VALUES:
            raise self._error("too-large", f"more than {MAX_VALUES:,} values", event)
        if event.anchor:
            self.anchors[event.anchor] = _Anchor(scalar, 1, 0)
        self._attach(scalar)

    def _start_mapping(self, event: Any) -> None:
        mark = event.start_mark
        self._push(Mapping(self.source, mark.line + 1, mark.column + 1), None, event)

    def _start_sequence(self, event: Any) -> None:
        mark = event.start_mark
        collection = Sequence(self.source, mark.line + 1, mark.column + 1)
        self._push(collection, collection.items, event)

    def _push(self, collection: Mapping | Sequence, items: list[Value] | None, event: Any) -> None:
        if event.tag is not None:
            self._check_tag(event)
        if len(self.stack) >= MAX_DEPTH:
            raise self._error("too-deep", f"nested more than {MAX_DEPTH} levels deep", event)
        self._check_key_is_text(event)
        if event.anchor:
            self.open_anchors.add(event.anchor)
        start = self.written + self.expanded
        self.stack.append(_Frame(collection, items, event.anchor, start))

    def _end(self, event: Any) -> None:
        frame = self.stack.pop()
        value = frame.value
        value.end_line, value.end_column = event.end_mark.line + 1, event.end_mark.column + 1
        if isinstance(value, Mapping) and frame.merged is not None:
            self._merge(value, frame.merged)
        self.written += 1
        if frame.anchor:
            self.open_anchors.discard(frame.anchor)
            weight = self.written + self.expanded - frame.start
            self.anchors[frame.anchor] = _Anchor(value, weight, frame.height)
        self._rise(frame.height)
        self._attach(value)

    def _alias(self, event: Any) -> None:
        if event.anchor in self.open_anchors:
            raise self._error("alias-expansion", f"*{event.anchor} contains itself", event)
        if event.anchor not in self.anchors:
            raise self._error("yaml-syntax", f"no anchor &{event.anchor} stands before this", event)
        anchored = self.anchors[event.anchor]
        self.expanded += anchored.weight
        if self.expanded > MAX_EXPANSION:
            message = f"aliases expand to more than {MAX_EXPANSION:,} values"
            raise self._error("alias-expansion", message, event)
        if len(self.stack) + anchored.height > MAX_DEPTH:
            raise self._error("too-deep", f"nested more than {MAX_DEPTH} levels deep", event)
        if not isinstance(anchored.value, Scalar):
            self._check_key_is_text(event)
        self._rise(anchored.height)
        self._attach(anchored.value)

    def _rise(self, height: int) -> None:
        """Count how deep the collection is nested in which something stands that is so deep."""
        if self.stack:
            frame = self.stack[-1]
            frame.height = max(frame.height, height + 1)

    def _attach(self, value: Value) -> None:
        """Put a finished value into the collection that it stands in."""
        if not self.stack:
            self.root = value
            return
        frame = self.stack[-1]
        if frame.items is not None:
            frame.items.append(value)
        elif frame.key is None:
            assert isinstance(value, Scalar)
            frame.key = value
        else:
            self._set(frame, frame.key, value)
            frame.key = None

    def _set(self, frame: _Frame, key: Scalar, value: Value) -> None:
        mapping = frame.value
        assert isinstance(mapping, Mapping)
        name = key.text
        if name == MERGE_KEY and not key.quoted:
            if frame.merged is not None:
                message, help = "`<<` is given twice", "merge several with a list: `<<: [*a, *b]`"
                self.diagnostics.error("duplicate-key", message, key.span, help=help)
            frame.merged = (frame.merged or []) + [value]
            return
        if name in mapping.items:
            message = f"`{name}` is given twice, first in line {mapping.keys[name].line}"
            self.diagnostics.error("duplicate-key", message, key.span)
            return
        mapping.items[name] = value
        mapping.keys[name] = key

    def _merge(self, mapping: Mapping, merged: list[Value]) -> None:
        """YAML's merge key: fields of other mappings, which the mapping's own stand over."""
        for value in merged:
            for source in value.items if isinstance(value, Sequence) else [value]:
                if not isinstance(source, Mapping):
                    span = value.span
                    message = "`<<` merges a mapping or a list of mappings"
                    raise SpecError([Diagnostic("wrong-type", message, span)])
                for key, item in source.items.items():
                    if key not in mapping.items:
                        mapping.items[key] = item
                        mapping.keys[key] = source.keys[key]

    def _check_tag(self, event: Any) -> None:
        if not (event.tag == "!" and event.anchor is None):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")  # as it is written
            raise self._error("yaml-unsupported", f"specs have no YAML tags: `{tag}`", event)

    def _check_key_is_text(self, event: Any) -> None:
        frame = self.stack[-1] if self.stack else None
        if frame is not None and isinstance(frame.value, Mapping) and frame.key is None:
            raise self._error("yaml-unsupported", "a key is a name, not a list or mapping", event)

    def _error(self, code: str, message: str, event: Any) -> SpecError:
        start, end = event.start_mark, event.end_mark
        span = Span(self.source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
        return SpecError([Diagnostic(code, message, span)])


def _syntax_error(source: SourceText, error: yaml.MarkedYAMLError) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Diagnostic("yaml-syntax", str(error.problem or error))
    line, column = mark.line + 1, mark.column + 1
    # At the end of the text libyaml points behind the last line.
    if line > len(source.lines):
        line, column = len(source.lines), len(source.lines[-1]) + 1
    span = Span(source, line, column, line, column + 1)
    message = (error.problem or "this is not YAML").replace("\n", " ")
    if error.context and error.context_mark is not None:
        message += f" ({error.context} from line {error.context_mark.line + 1})"
    if _within_expression(source.lines[line - 1][: column - 1]):
        message = "YAML cuts this expression at a bracket or a comma"
        help = 'quote the expression: "$(…)"'
        return Diagnostic("unquoted-expression", message, span, help=help)
    advice = None
    if message.startswith("mapping values are not allowed"):
        advice = "quote a text that holds a colon and a space"
    if "\t" in source.lines[line - 1][:column]:
        advice = "indent with spaces; YAML doesn't allow tabs"
    return Diagnostic("yaml-syntax", message, span, help=advice)


def _within_expression(before: str) -> bool:
    """Whether a line's text ends within a `$(…)` that isn't quoted."""
    start = before.rfind("$(")
    if start < 0 or before[:start].count('"') % 2:
        return False
    expression = before[start:]
    return expression.count("(") > expression.count(")")
