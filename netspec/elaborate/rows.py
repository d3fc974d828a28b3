"""The rows that a repeat goes through: what each of its instances has of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from netspec.expressions.syntax import Attribute, Name
from netspec.expressions.template import Part, Template
from netspec.graph.written import ITEM
from netspec.language.document import Entry
from netspec.language.values import Dynamic, Field, PlacedList, PlacedMapping
from netspec.source import Value


@dataclass(frozen=True, slots=True)
class Row:
    """What an instance has of its own: fields that stand over the entry's, values that expressions
    see, and where the text has these.
    """

    fields: Mapping[str, Field] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Value] = field(default_factory=dict)

    def over(self, fields: Mapping[str, Field]) -> Mapping[str, Field]:
        """The entry's fields in this turn.

        One that is a cell and nothing else stands where the cell does: a mistake in it is there.
        """
        changed = {**self.fields}
        if self.places:
            for name, each in fields.items():
                place = self.places.get(_only_name(each) or "")
                if place is not None and name not in changed:
                    changed[name] = Field(each.key, place, each.compiled, each.names, True)
        return {**fields, **changed} if changed else fields


def names_of_rows(entry: Entry) -> tuple[str, ...]:
    """The names that an entry's rows may give to values."""
    return entry.columns or (ITEM,)


def plain_row(entry: Entry, row: Any, place: Value | None = None) -> Row:
    """A row that is right: cells for columns, a mapping of fields, or a plain value, whose place
    may be known.
    """
    if entry.columns:
        places = row.node.items if isinstance(row, PlacedList) else ()
        return Row(
            values=dict(zip(entry.columns, row, strict=True)),
            places=dict(zip(entry.columns, places, strict=False)),
        )
    if not isinstance(row, dict):
        return Row(values={ITEM: row}, places={} if place is None else {ITEM: place})
    return Row({name: _field(entry, row, name) for name in row}, {ITEM: row})


def _field(entry: Entry, row: dict[str, Any], name: str) -> Field:
    """A field that a row gives: what `$(item.name)` is."""
    assert entry.repeat is not None
    key, node = None, entry.repeat.node
    if isinstance(row, PlacedMapping):
        key, node = row.node.keys[name], row.node.items[name]
    item = Template((Part(0, Attribute(0, 0, Name(0, 0, ITEM), name)),))
    return Field(key, node, Dynamic(node, item), frozenset((ITEM,)), True)


def columns_of(entry: Entry, rows: Iterable[Row]) -> tuple[str, ...]:
    """What the cells of all rows are called, in order: by columns, or by the keys of mappings that
    all have the same; none where they have no such names.
    """
    keys = {tuple(row.fields) for row in rows}
    if entry.columns or len(keys) != 1:
        return entry.columns
    return tuple(f"{ITEM}.{name}" for name in keys.pop())


def _only_name(each: Field) -> str | None:
    """The name of a field's value that is one and no more: `$k`."""
    if isinstance(each.compiled, Dynamic) and len(each.compiled.template.parts) == 1:
        part = each.compiled.template.parts[0]
        if isinstance(part, Part) and isinstance(part.expression, Name):
            return part.expression.name
    return None
