"""JSON Schema in the few forms that are used here."""

from collections.abc import Iterable
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def object_of(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def where(kind: str, schema: Schema, *, otherwise: Schema | bool = True) -> Schema:
    """What holds of values of a type, and nothing, or what is said, of others."""
    of_others = {} if otherwise is True else {"else": otherwise}
    return {"if": {"type": kind}, "then": {"type": kind, **schema}, **of_others}


def with_keys(keys: list[str], **properties: Schema) -> Schema:
    """A mapping that has these keys; of some it is said what they are."""
    return {**object_of({key: properties.get(key, True) for key in keys}), "required": keys}


def any_of_keys(keys: Iterable[str]) -> Schema:
    return {"anyOf": [with_keys([key]) for key in keys]}
