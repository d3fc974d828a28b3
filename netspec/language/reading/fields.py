"""The fields of a mapping, taken apart and checked against a model."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from netspec.diagnostics import Diagnostic, Diagnostics, Span
from netspec.diagnostics.suggest import nearest
from netspec.language.keys import LITERAL_KEYS, STATIC_KEYS
from netspec.language.names import is_identifier
from netspec.language.validate import Suggest, show, validate
from netspec.language.values import Field, literal_field, no_value, read_field
from netspec.source import Mapping, Scalar, Sequence, Value

_PARTS_OF = {"layers": list, "blocks": dict, "variants": dict, "repeat": list}
"""Keys that hold mappings, in a list or by name, which are read one by one."""
_NAMED = frozenset(("vars", "args", "inputs", "first", "repeat"))
"""Keys that hold fields by name, which are read one by one."""
_STRUCTURES = (_NAMED | _PARTS_OF.keys()) - {"repeat"}
"""Keys whose value is taken apart before any expression has a value."""


@dataclass
class Reader:
    """Takes values apart into documents, blocks and entries; mistakes go to `diagnostics`."""

    diagnostics: Diagnostics
    mistakes: int = 0

    def report(self, diagnostic: Diagnostic) -> None:
        self.mistakes += 1
        self.diagnostics.add(diagnostic)

    def error(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        self.report(Diagnostic(code, message, span, help=help))

    def fields(
        self, mapping: Mapping, literal: frozenset[str] = LITERAL_KEYS, *, plain: bool = False
    ) -> dict[str, Field]:
        """The fields of a mapping, with their expressions read.

        Those in `literal` hold none. In a `plain` mapping the user chooses the names, so that
        none means anything to the language.
        """
        found: dict[str, Field] = {}
        cut = False
        for name, value in mapping.items.items():
            key = mapping.keys[name]
            if isinstance(value, Scalar):
                text = value.value
                if cut and text is None:
                    continue  # the rest of an expression that YAML cut at a comma
                if isinstance(text, str) and "$(" in text and not value.quoted:
                    cut = text.count("(") > text.count(")")
            if name in literal and not (isinstance(value, Scalar) and value.value is None):
                found[name] = literal_field(key, value)
            elif not plain and (name in _NAMED or name in _PARTS_OF) and _is_nest(name, value):
                found[name] = self._nest(name, key, value)
            else:
                found[name] = read_field(key, value, self.report)
        if not plain:
            for name in STATIC_KEYS & found.keys():
                if found[name].dynamic:
                    self._refuse_expression(name, found[name])
        return found

    def _refuse_expression(self, name: str, field: Field) -> None:
        if not field.broken:
            self.error("bad-value", f"`{name}` can't be an expression", field.span)

    def _nest(self, name: str, key: Scalar, value: Value) -> Field:
        """A field whose parts are read one by one; only that they are mappings is checked here."""
        kind = _PARTS_OF.get(name)
        if kind is None or (kind is list and isinstance(value, Mapping)):
            return Field(key, value, {})
        assert not isinstance(value, Scalar)
        pairs: list[tuple[Scalar | None, Value]]
        if isinstance(value, Sequence):
            pairs = [(None, item) for item in value.items]
        else:
            pairs = [(value.keys[part], item) for part, item in value.items.items()]
        for part, item in pairs:
            if not isinstance(item, Mapping):
                self.report(_not_a_mapping(name, part, item))
        if kind is list:
            return Field(key, value, [{}] * len(pairs[:1]))
        return Field(key, value, {})

    def apply(
        self,
        model: type[BaseModel],
        fields: dict[str, Field],
        where: Span,
        deferred: frozenset[str] = frozenset(),
        suggest: Suggest | None = None,
    ) -> None:
        """Report what a model finds wrong with the fields that hold no expression, and expressions
        where the language wants to see what is there.
        """
        for name, each in fields.items():
            if each.dynamic and name in _STRUCTURES and name in model.model_fields:
                self._refuse_expression(name, each)
        values = {name: each.compiled for name, each in fields.items() if not each.dynamic}
        later = deferred.union(name for name, each in fields.items() if each.dynamic)
        validate(model, fields, values, where, self.report, suggest, later)

    def respelled(self, mapping: Mapping, model: type[BaseModel]) -> Mapping:
        """The mapping with misspelt keys, which are reported, put right: the rest is read on."""
        names = model.model_fields
        if mapping.items.keys() <= names.keys():
            return mapping
        respelled = Mapping(mapping.source, mapping.line, mapping.column)
        respelled.end_line, respelled.end_column = mapping.end_line, mapping.end_column
        for name, value in mapping.items.items():
            key, right = mapping.keys[name], name
            if name not in names:
                near = nearest(name, names)
                help = f"did you mean `{near}`?" if near else None
                self.error("unknown-field", f"nothing here is called `{name}`", key.span, help)
                if near is None or near in mapping.items or near in respelled.items:
                    continue
                right = near
            respelled.items[right], respelled.keys[right] = value, key
        return respelled


def _is_nest(name: str, value: Value) -> bool:
    """Whether a key that may hold further fields does so."""
    if name == "repeat" and isinstance(value, Sequence):  # of plain values it holds no fields
        return not value.items or any(isinstance(item, Mapping) for item in value.items)
    return isinstance(value, Sequence if name == "layers" else Mapping)


def _not_a_mapping(name: str, key: Scalar | None, item: Value) -> Diagnostic:
    if isinstance(item, Scalar) and item.value is None:
        blank = no_value(key, item)
        return Diagnostic(blank.code, blank.message, blank.span, help="`{}` has no fields")
    what = f"`{key.text}`" if key is not None else f"an item of `{name}`"
    message = f"{what} should be a mapping, not {show(item.plain())}"
    help = None
    if name == "layers" and isinstance(item, Scalar) and is_identifier(str(item.value)):
        help = f"write `{{type: {item.value}}}`"
    return Diagnostic("wrong-type", message, item.span, help=help)


def text_of(fields: dict[str, Field], name: str) -> str | None:
    value = fields[name].compiled if name in fields else None
    return value if isinstance(value, str) else None


def codes_of(fields: dict[str, Field]) -> frozenset[str]:
    codes: Any = fields["allow"].compiled if "allow" in fields else ()
    items = codes if isinstance(codes, list) else ()
    return frozenset(code for code in items if isinstance(code, str))
