"""What is said of the thing under the pointer: a layer, a field, a value."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from netspec.diagnostics import Span
from netspec.editor.facts import common_field, fields_of, kind_of
from netspec.editor.lines import offsets
from netspec.editor.occurrences import Occurrence, Occurrences
from netspec.editor.shown import shapes_of
from netspec.graph import Node
from netspec.graph.sizes import total
from netspec.graph.tree import Scope, leaves, scopes
from netspec.language.document import Block, Entry
from netspec.language.values import Field, unplaced
from netspec.layers.page import page
from netspec.printable import printable

MAX_SHOWN = 4
"""How many instances of an entry are told apart."""
_VALUES = ("var", "arg")


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown on the thing at a place. What the spec says stands in it as code."""

    text: str
    span: Span


def hover(names: Occurrences, offset: int) -> Hover | None:
    """What there is to say of what stands at an offset."""
    found = names.at(offset)
    if found is not None and found.target.kind in _VALUES:
        return Hover(_value(names, found), found.span)
    entry = names.snapshot.entry_at(offset)
    if found is not None and found.target.kind == "layer" and not found.defines:
        makers = [each.entry for each in names.of(found.target) if each.defines]
        return Hover("\n\n".join(_entry(names, each) for each in makers if each), found.span)
    if entry is None:
        return None
    for name in ("type", "name"):
        given = entry.fields.get(name)
        if given is not None and _around(given, offset):
            return Hover(_entry(names, entry), given.span)
    for fields in (entry.fields, entry.first, *(entry.instances or ())):
        for name, each in fields.items():
            if each.key is not None and _holds(each.key.span, offset):
                text = _field(names, entry, name)
                return None if text is None else Hover(text, each.key.span)
    return None


def _around(field: Field, offset: int) -> bool:
    keyed = field.key is not None and _holds(field.key.span, offset)
    return keyed or _holds(field.span, offset)


def _holds(span: Span, offset: int) -> bool:
    start, end = offsets(span)
    return start <= offset <= end


def _code(text: str, language: str = "text") -> str:
    """Text as it is, however many backticks stand in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _entry(names: Occurrences, entry: Entry) -> str:
    """What the network has of an entry, and the page of its type."""
    kind, block = kind_of(names.areas, entry)
    made = names.snapshot.made_of(entry)
    parts = [_code("\n".join(_figures(made)))] if made else []
    if entry.doc:
        parts.append(_code(printable(entry.doc)))
    if kind is not None:
        parts.append(_code(page(kind)))
    if block is not None:
        parts.append(_code("\n".join(_block(block))))
    return "\n\n".join(parts)


def _figures(made: "list[Node | Scope]") -> Iterator[str]:
    for each in made[:MAX_SHOWN]:
        given = shapes_of(each) or "nothing"
        yield f"{each.path}: {given}"
        yield f"  {_parameters(each):,} parameters, {_macs(each)} MACs"
    if len(made) > MAX_SHOWN:
        yield f"… {len(made) - MAX_SHOWN} more instances"


def _parameters(part: "Node | Scope") -> int:
    if isinstance(part, Node):
        return part.params
    return sum(node.params for node in leaves(part))


def _macs(part: "Node | Scope") -> str:
    nodes = [part] if isinstance(part, Node) else leaves(part)
    count = total([node.macs for node in nodes])
    return f"{count:,}" if isinstance(count, int) else str(count)


def _block(block: Block) -> Iterator[str]:
    yield f"{block.name} (block)"
    if block.doc:
        yield printable(block.doc)
    if block.args:
        yield "args"
        yield from (f"  {name}: {_written(each)}" for name, each in block.args.items())


def _field(names: Occurrences, entry: Entry, name: str) -> str | None:
    """A field's line of documentation."""
    facts = fields_of(*kind_of(names.areas, entry)).get(name) or common_field(name)
    if facts is None:
        return None
    parts = [_code(f"{name}: {facts.heading}")]
    return "\n\n".join([*parts, facts.description] if facts.description else parts)


def _value(names: Occurrences, found: Occurrence) -> str:
    """A var with its value, an arg with those that its uses give it."""
    target, graph = found.target, names.snapshot.graph
    if target.kind == "var":
        if graph is not None and target.name in graph.variables:
            return _code(f"{target.name} = {_plain(graph.variables[target.name])}", "yaml")
        return _code(f"{target.name}: {_written(names.document.vars[target.name])}", "yaml")
    block = next(b for b in names.document.blocks.values() if id(b) == target.holder)
    uses = [] if graph is None else [s for s in scopes(graph.root) if s.block == block.name]
    given = [f"{s.path}: {_plain(s.args[target.name])}" for s in uses if target.name in s.args]
    more = [f"… {len(given) - MAX_SHOWN} more"] if len(given) > MAX_SHOWN else []
    default = _written(block.args[target.name])
    lines = [f"{target.name}: {default}", *(f"  {each}" for each in given[:MAX_SHOWN]), *more]
    return _code("\n".join(lines), "yaml")


def _written(field: Field) -> str:
    """A value as the spec has it."""
    return _plain(field.node.plain())


def _plain(value: object) -> str:
    text = json.dumps(unplaced(value), ensure_ascii=False, default=str)
    text = text[1:-1] if isinstance(value, str) else text
    return printable(text if len(text) <= 400 else f"{text[:399]}…")
