"""The JSON Schema of `expect`."""

from netspec.language.amounts import BYTES, COUNTS
from netspec.language.expectations import COMPARISONS, WHOLE
from netspec.language.figures import (
    BESIDE,
    CLAIMS,
    CONDITIONS,
    FIGURES,
    OF_GROUP,
    Figure,
    Kind,
)
from netspec.language.schema.fields import or_expression, union
from netspec.language.schema.terms import Schema, list_of, object_of, ref, where

_NUMBER = r"(\d{1,30}|\d{1,3}(,\d{3}){1,9})(\.\d{1,30})?([eE]\+?\d{1,2})?"
_UNITS = {Kind.COUNT: COUNTS, Kind.BYTES: BYTES}
_TEXT: Schema = {"type": "string"}
_SIZE: Schema = union([_TEXT, {"type": "integer"}])
_SIZES: Schema = list_of(or_expression(_SIZE))


def expect_schemas() -> Schema:
    """The definitions: of all that is expected, and of what is said of a figure of each kind."""
    at: Schema = {"type": "object", "additionalProperties": _expression_or_size()}
    defs: Schema = {
        "expect": _one_or_several("expected"),
        "expected": {
            **object_of({**_beside(OF_GROUP), **{n: _figure(n) for n in FIGURES}}),
            "type": "object",
            "additionalProperties": False,
        },
        "at": or_expression(at),
    }
    return defs | {f"{name}_statement": _statement(each) for name, each in FIGURES.items()}


def _figure(name: str) -> Schema:
    figure = FIGURES[name]
    named = {"type": "object", "additionalProperties": _statements(name)}
    listed = where("array", list_of(named), otherwise=named)
    return {"description": figure.doc, **(listed if figure.named else _statements(name))}


def _statements(name: str) -> Schema:
    """A statement, or a list of them; a shape is a list itself."""
    if FIGURES[name].kind not in (Kind.SHAPE, Kind.WINDOW):
        return _one_or_several(f"{name}_statement")
    items = where("object", ref(f"{name}_statement"), otherwise=or_expression(_SIZE))
    return where("array", {"items": items}, otherwise=ref(f"{name}_statement"))


def _one_or_several(name: str) -> Schema:
    return where("array", {"items": ref(name)}, otherwise=ref(name))


def _statement(figure: Figure) -> Schema:
    claims = {key: _claim(figure.kind, key) | {"description": doc} for key, doc in CLAIMS.items()}
    conditions: Schema = {key: _condition(CONDITIONS[key]) for key in figure.conditions}
    mapping: Schema = {
        **object_of(claims | _beside(tuple(BESIDE)) | conditions),
        "additionalProperties": False,
    }
    return where("object", mapping, otherwise=_claim(figure.kind))


def _claim(kind: Kind, key: str = "") -> Schema:
    """What a figure is compared with; without a key the text itself says how."""
    if kind is Kind.SHAPE:
        return or_expression(_SIZES)
    if kind is Kind.WINDOW:
        one = union(
            [{"type": "string", "pattern": f"^{WHOLE}$"}, {"type": "integer", "minimum": 1}]
        )
        return or_expression(where("array", _SIZES, otherwise=one))
    comparison = "" if key else rf"(({'|'.join(COMPARISONS)})\s*)?"
    unit = rf"({'|'.join(_UNITS[kind])}){'?' if kind is Kind.COUNT else ''}"
    pattern = rf"^\s*{comparison}{_NUMBER}\s*{unit}\s*$"
    text: Schema = {"type": "string", "pattern": pattern}
    if kind is Kind.BYTES:
        return or_expression(text)
    return or_expression(union([text, {"type": "number", "minimum": 0}]))


def _beside(keys: tuple[str, ...]) -> Schema:
    schemas = {"at": ref("at")}
    return {key: {"description": BESIDE[key], **schemas.get(key, _TEXT)} for key in keys}


def _condition(words: tuple[str, ...]) -> Schema:
    """A word, or a number of items."""
    return or_expression({"enum": list(words)}) if words else _expression_or_size()


def _expression_or_size() -> Schema:
    return or_expression({"type": "integer", "minimum": 1})
