"""The outline of a spec: its inputs, vars, variants, blocks and layers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from netspec.diagnostics import Span
from netspec.language.document import Document, Entry
from netspec.language.values import Field
from netspec.source import Mapping


@dataclass(frozen=True, slots=True)
class Symbol:
    """A part of a spec: what it is called, what it is (`layer`, `group`, `block`, `input`, `var`,
    `variant`, `section`), a word on it, all of it and its name's place, and what is in it.
    """

    name: str
    kind: str
    detail: str
    span: Span
    at: Span
    parts: "tuple[Symbol, ...]" = ()


def outline(document: Document) -> list[Symbol]:
    """The sections of a document's own text, in its order."""
    makers: dict[str, Callable[[], tuple[Symbol, ...]]] = {
        "inputs": lambda: _keys(document, "inputs", "input"),
        "vars": lambda: _keys(document, "vars", "var"),
        "variants": lambda: _keys(document, "variants", "variant"),
        "blocks": lambda: _blocks(document),
        "layers": lambda: tuple(_entries(document.layers)),
    }
    top, found = document.top, []
    for name, make in makers.items():
        if name in top:
            key = top.keys[name].span
            found.append(Symbol(name, "section", "", _joined(key, top[name].span), key, make()))
    return sorted(found, key=lambda each: each.at.key)


def _keys(document: Document, section: str, kind: str) -> tuple[Symbol, ...]:
    mapping = document.top.get(section)
    if not isinstance(mapping, Mapping):
        return ()
    return tuple(
        Symbol(name, kind, "", _joined(mapping.keys[name].span, each.span), mapping.keys[name].span)
        for name, each in mapping.items.items()
    )


def _blocks(document: Document) -> tuple[Symbol, ...]:
    return tuple(
        Symbol(
            name,
            "block",
            ", ".join(block.args),
            _joined(block.key.span, block.node.span),
            block.key.span,
            tuple(_entries(block.layers)),
        )
        for name, block in document.blocks.items()
        if block.key.source is document.source_text
    )


def _entries(entries: Iterable[Entry]) -> Iterator[Symbol]:
    for entry in entries:
        name, of = _said(entry.fields.get("name")), _said(entry.fields.get("type"))
        body = tuple(_entries(entry.body or ()))
        kind = "layer" if entry.body is None else "group"
        yield Symbol(name or of or kind, kind, of, entry.node.span, entry.span, body)


def _said(field: Field | None) -> str:
    return "" if field is None else str(field.node.plain())


def _joined(first: Span, last: Span) -> Span:
    if (last.line, last.column) < (first.line, first.column) or last.source is not first.source:
        return first  # an alias: what it stands for is elsewhere
    return Span(first.source, first.line, first.column, last.end_line, last.end_column)
