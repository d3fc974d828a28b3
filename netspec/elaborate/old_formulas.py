"""The expressions of a document, by where they stand: what generated code may want to keep."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from netspec.expressions.syntax import Expression
from netspec.expressions.template import Part
from netspec.language.document import Document, Entry
from netspec.language.values import Compiled, Dynamic, Field


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression; `name` is the arg or var that it gives a value, if any."""

    expression: Expression
    name: str = ""


Formulas: TypeAlias = Mapping[str, tuple[Formula, ...]]
"""By the block in which they stand; those that stand in none by the empty name."""


def formulas(document: Document) -> Formulas:
    """Every expression of a document, those of blocks it brings in among them."""
    found: dict[str, tuple[Formula, ...]] = {}
    for block in document.blocks.values():
        defaults = _named(block.args)
        outputs = _of_fields([block.outputs] if block.outputs else [])
        found[block.name] = (*defaults, *outputs, *_of_entries(block.layers))
    vars = [
        each for fields in (document.vars, *document.variants.values()) for each in _named(fields)
    ]
    fields = [each.shape for each in document.inputs.values()]
    fields += [document.outputs] if document.outputs else []
    found[""] = (*vars, *_of_fields(fields), *_of_entries(document.layers))
    return found


def _named(fields: Mapping[str, Field]) -> Iterator[Formula]:
    """The expressions that give args or vars their values."""
    for name, field in fields.items():
        yield from (Formula(each, name) for each in _expressions(field.compiled))


def _of_entries(entries: Iterable[Entry]) -> Iterator[Formula]:
    for entry in entries:
        yield from _of_fields([*entry.fields.values(), *entry.first.values()])
        yield from _of_fields([entry.repeat] if entry.repeat else [])
        for fields in entry.instances or ():
            yield from _of_fields(fields.values())
        yield from _of_entries(entry.body or ())


def _of_fields(fields: Iterable[Field]) -> Iterator[Formula]:
    return (Formula(each) for field in fields for each in _expressions(field.compiled))


def _expressions(compiled: Compiled) -> Iterator[Expression]:
    if isinstance(compiled, Dynamic):
        parts = compiled.template.parts
        yield from (part.expression for part in parts if isinstance(part, Part))
    elif isinstance(compiled, dict | list):
        for item in compiled.values() if isinstance(compiled, dict) else compiled:
            yield from _expressions(item)
