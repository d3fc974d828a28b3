"""The values of fields as expressions: what generated code may want to keep."""

from collections.abc import Iterator, Mapping

from netspec.expressions.syntax import Attribute, Expression, List, Literal, Name, children
from netspec.expressions.template import Part
from netspec.language.document import Document, Entry
from netspec.language.values import Compiled, Dynamic, Field


def formula(field: Field) -> Expression | None:
    """The expression of a field's value; None for a mapping, and for text with expressions in it.

    >>> from netspec.source.values import Scalar
    >>> formula(Field(None, None, 3)).value
    3
    """
    return _formula(field.compiled)


def _formula(compiled: Compiled) -> Expression | None:
    match compiled:
        case Dynamic(template=template):
            part = template.parts[0]
            return part.expression if len(template.parts) == 1 and isinstance(part, Part) else None
        case bool() | int() | float() | str():
            return Literal(0, 0, compiled)
        case list():
            items = tuple(map(_formula, compiled))
            known = tuple(item for item in items if item is not None)
            return List(0, 0, known) if len(known) == len(items) else None
    return None


def formulas(fields: Mapping[str, Field]) -> dict[str, Expression | None]:
    """The expressions of several fields by name."""
    return {name: formula(field) for name, field in fields.items()}


def expressions(compiled: Compiled) -> Iterator[Expression]:
    """All expressions in a field's value, those inside of text among them."""
    match compiled:
        case Dynamic(template=template):
            yield from (part.expression for part in template.parts if isinstance(part, Part))
        case dict() | list():
            for item in compiled.values() if isinstance(compiled, dict) else compiled:
                yield from expressions(item)


def parts(field: Field) -> tuple[str | Expression, ...]:
    """The parts of a text that expressions have a part in; none of one without."""
    if not isinstance(field.compiled, Dynamic):
        return ()
    found = field.compiled.template.parts
    return tuple(each.expression if isinstance(each, Part) else each for each in found)


def asked(expression: Expression) -> Iterator[str]:
    """What an expression calls the blobs whose sizes it reads: `input` of `input.channels // 4`."""
    if isinstance(expression, Attribute):
        path = _path(expression.value)
        if path is not None:
            yield path
            return
    for part in children(expression):
        yield from asked(part)


def _path(expression: Expression) -> str | None:
    match expression:
        case Name(name=name):
            return name
        case Attribute(value=value, name=name):
            outer = _path(value)
            return None if outer is None else f"{outer}.{name}"
    return None


def places(document: Document) -> dict[int, int]:
    """The number of each entry in the order of the text, by its identity."""
    found: dict[int, int] = {}
    for entries in (document.layers, *(block.layers for block in document.blocks.values())):
        for entry in _all(entries):
            found[id(entry)] = len(found)
    return found


def _all(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    for entry in entries:
        yield entry
        yield from _all(entry.body or ())
