"""The JSON Schema is free of what strict readers take for mistakes."""

from collections.abc import Iterator
from typing import Any

from netspec.language.schema import spec_schema
from netspec.layers import CATALOGUE

SCHEMA = spec_schema(CATALOGUE)

OF_TYPE = {
    "object": {"properties", "required", "additionalProperties", "propertyNames", "minProperties"},
    "array": {"items", "contains", "minItems", "maxItems"},
    "string": {"pattern", "minLength", "maxLength"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
}
OF_ANY = {"$schema", "$defs", "$ref", "title", "description", "default", "examples", "type"}
OF_ANY |= {"enum", "const", "if", "then", "else", "not", "allOf", "anyOf"}


NESTING = {"if", "then", "else", "not", "items", "contains", "additionalProperties"}
NESTING |= {"propertyNames"}


def subschemas(schema: Any, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(schema, dict):
        assert isinstance(schema, bool), path
        return
    yield path, schema
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            for name, each in value.items():
                yield from subschemas(each, f"{path}/{key}/{name}")
        elif key in ("allOf", "anyOf"):
            for number, each in enumerate(value):
                yield from subschemas(each, f"{path}/{key}/{number}")
        elif key in NESTING:
            yield from subschemas(value, f"{path}/{key}")


def test_it_passes_strict_mode() -> None:
    """The rules of Ajv's `strict: true`, which refuses a schema that it finds ambiguous."""
    for path, schema in subschemas(SCHEMA):
        kind = schema.get("type")
        assert kind is None or isinstance(kind, str), f"{path} has several types"
        for name, keywords in OF_TYPE.items():
            if schema.keys() & keywords:
                assert kind == name or (name, kind) == ("number", "integer"), path
        assert schema.keys() <= OF_ANY.union(*OF_TYPE.values()), path
        assert set(schema.get("required", ())) <= schema.get("properties", {}).keys(), path
        assert "if" in schema or not schema.keys() & {"then", "else"}, path
        assert "if" not in schema or schema.keys() & {"then", "else"}, path
