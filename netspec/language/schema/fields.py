"""The fields of a model, their values as a spec may write them."""

from inspect import cleandoc
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from netspec.language.keys import ABOUT_KEYS, STATIC_KEYS
from netspec.language.schema.terms import Schema, ref

_FACTS = ("title", "description", "default", "shown")


def properties_of(model: type[BaseModel]) -> Schema:
    """The schemas of a model's fields, their values as a spec may write them."""
    made = model.model_json_schema()["properties"]
    properties = {}
    for name, each in made.items():
        properties[name] = _field(each, static=name in STATIC_KEYS or name in ABOUT_KEYS)
        default = model.model_fields[name].default
        if "default" in properties[name]:
            properties[name]["default"] = as_written(default)
    return properties


def required_of(model: type[BaseModel]) -> list[str]:
    return [name for name, each in model.model_fields.items() if each.is_required()]


def mapping_of(schema: Schema) -> Schema:
    """The schema of a mapping within a field: a filler, a param."""
    properties = {name: _field(each) for name, each in schema["properties"].items()}
    kept: Schema = {
        key: schema[key] for key in ("description", "type", "required") if key in schema
    }
    return {**kept, "properties": properties, "additionalProperties": False}


def as_written(value: Any) -> Any:
    """A field's default as a spec would write it, without defaults in turn."""
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_unset=True)
    return to_jsonable_python(value)


def _field(schema: Schema, *, static: bool = False) -> Schema:
    """A field's schema as pydantic gives it, made one of what a spec may write.

    Pydantic's titles repeat the name. None is how a model says that a field isn't given; a spec
    leaves the field out. Any value may be an expression.
    """
    made = _value(schema)
    if not static:
        made = or_expression(made)
    facts = {key: schema[key] for key in ("description", "default") if key in schema}
    if facts.get("default") in (None, [], {}):
        facts.pop("default", None)
    return facts | made


def _value(schema: Schema) -> Schema:
    kept = {key: each for key, each in schema.items() if key not in _FACTS}
    if "const" in kept and isinstance(kept["const"], str):
        kept = {"enum": [kept["const"]]}
    any_case = kept.pop("any_case", False)
    if "enum" in kept:
        return _choice(kept["enum"], any_case)
    if "items" in kept:
        kept["items"] = or_expression(_value(kept["items"]))
    if "anyOf" in kept:
        kept = union([_value(each) for each in kept["anyOf"] if each != {"type": "null"}])
    return kept


def union(alternatives: list[Schema]) -> Schema:
    """One of several of different types: the first, unless the value is of another's type.

    Complaints then say what is wrong, not `anyOf`. Text comes first where it may be given, for a
    name is what is meant most often.
    """
    lists = [each for each in alternatives if each.get("type") == "array"]
    if len(lists) > 1:
        alternatives = [*(each for each in alternatives if each not in lists), _one_list(lists)]
    if len(alternatives) == 1:
        return alternatives[0]
    first, *others = sorted(alternatives, key=lambda each: each["type"] != "string")
    for each in others:
        if {each["type"], first.get("type")} == {"integer", "number"}:
            return {"type": "number"}
        first = {"if": {"type": each["type"]}, "then": each, "else": first}
    return first


def _one_list(lists: list[Schema]) -> Schema:
    """One of several lists, told apart by the type of their items; of expressions it may be any."""
    first: Schema = {}
    for each in lists:
        kind = each["items"]["else"]["type"]
        has_kind = {"type": "array", "contains": {"type": kind}}
        first = {"if": has_kind, "then": each, "else": first}
    least = min(each.get("minItems", 0) for each in lists)
    return {"type": "array", "minItems": least, **first}


def _choice(words: list[str], any_case: bool) -> Schema:
    """One of some words; those in capitals, and those said to be so, are read in any case.

    Editors offer `examples`; they don't look for words to offer behind an `if`.
    """
    if not any_case and not all(word.isupper() for word in words):
        return {"enum": words, "examples": words}
    in_any_case = "|".join(
        "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in word) for word in words
    )
    pattern = {"type": "string", "pattern": f"^({in_any_case})$"}
    return {"if": pattern, "else": {"enum": words}, "examples": words}


def or_expression(schema: Schema) -> Schema:
    """An expression, or what a schema says; complaints are about the latter.

    Text may be an expression anyway, and nothing can be said of any value.
    """
    if not schema or _takes_text(schema):
        return schema
    offered = {"examples": schema["examples"]} if "examples" in schema else {}
    behind = {key: each for key, each in schema.items() if key not in offered}
    return {**offered, "if": ref("expression"), "else": behind}


def _takes_text(schema: Schema) -> bool:
    """Whether any text is an alternative, the last one as in `union`."""
    while "then" in schema:
        schema = schema["else"]
    return schema.get("type") == "string" and "pattern" not in schema


def replaced(field: Schema, schema: Schema) -> Schema:
    """A field's description with another schema than its model's."""
    return {key: field[key] for key in ("description", "default") if key in field} | schema


def doc_of(model: type[BaseModel]) -> str:
    return cleandoc(model.__doc__ or "")
