"""The JSON Schema of specs, by which editors complete and check them.

It is made from the pydantic models of a document and of the layers, but not by pydantic alone,
whose union of all layers would let a misspelt field pass as a block's argument and call valid
layers ambiguous. Here an entry is led by its `type`: a built-in layer has its own fields and no
others, any other type is a block of the user's, whose fields can't be known. Complaints then name
the field, not a union.

Only keywords that older drafts share are used (`if`, but neither `unevaluatedProperties` nor
`prefixItems`), because some editors know no newer ones. A keyword that speaks of values of one type
stands beside that type, a required key beside its properties, and no schema has several types, as
Ajv's strict mode demands: what takes several is told apart by `if`, and complaints are about the
last. JSON Schema calls 3.0 an integer, where netspec wants 3.
"""

from collections.abc import Iterable, Mapping
from inspect import cleandoc
from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from netspec.diagnostics.codes import WARNINGS
from netspec.language.models import (
    BlockModel,
    EntryModel,
    GroupModel,
    InputModel,
    LibraryModel,
    SpecModel,
)
from netspec.language.names import ENTRY_KEYS

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_KINDS = ("type", "layers", "reuse")
"""The keys of which an entry has one, which says of what kind it is."""
_STATIC = frozenset(("index", "phase", "allow", "scope", "use", "netspec", "dtype"))
"""Keys whose values can't be expressions."""
_OF_THE_WHOLE = ("repeat", "first", "index", "layers", "scope", "allow", "doc")
"""Keys of an entry that its instances can't have of their own."""
_RESERVED = (*ENTRY_KEYS, "layers", "reuse", "scope", "inputs", "outputs")
"""Keys that no arg of a block can be called by."""

# Names as the language has them; those that Python or PyTorch claim are left to `check`.
_SYMBOL = "^[A-Z][A-Z0-9_]*$"
_CLASS_NAME = "^[A-Za-z_][A-Za-z_0-9]*$"
_PART = "([A-Za-z][A-Za-z_0-9]*|0|[1-9][0-9]{0,5})"
_PATH = rf"^{_PART}(\.{_PART})*$"
_NO_NULL: Schema = {"not": {"type": "null"}}


def spec_schema(layers: Mapping[str, type[BaseModel]]) -> Schema:
    """The schema of networks and libraries; `layers` are the built-in types by name."""
    defs: Schema = {
        "expression": {"type": "string", "pattern": r"\$"},
        "value": _NO_NULL,
        "builtin": {"enum": list(layers)},
        "reserved": {"enum": list(_RESERVED)},
        "of_the_whole": {"enum": list(_OF_THE_WHOLE)},
        "codes": _list_of({"enum": [*WARNINGS, "unused-layer"]}),
        "shape": _or_expression({**_list_of(_size()), "minItems": 1}),
        "input": _input(),
        "layers": {**_list_of(_ref("entry")), "minItems": 1},
        "builtin_layers": _builtin_layers(),
        "entry": _entry(),
        "common": _common(),
        "group": _closed("group", {"layers": True} | _own_fields(GroupModel)),
        "reuse": _closed("reuse", {"reuse": True}),
        "typed": _typed(layers),
        "block": _block(),
    }
    for name, layer in layers.items():
        help = {"type": {"description": _doc(layer)}}
        defs[name] = {"title": name} | _closed(name, help | _own_fields(layer))
    models: list[type[BaseModel]] = [EntryModel, *layers.values()]
    for model in models:
        for name, nested in model.model_json_schema().get("$defs", {}).items():
            defs.setdefault(name, _nested(nested))
    return {
        "$schema": DIALECT,
        "title": "netspec",
        "description": "A neural network: layers in order, wired by name.",
        **_top(),
        "$defs": defs,
    }


def _top() -> Schema:
    """A file: a network, or blocks for others to use.

    A file without blocks of its own or of others has built-in types alone, so that there a
    misspelt one is told.
    """
    properties = _properties(SpecModel)
    properties["allow"] = _with(properties["allow"], _ref("codes"))
    class_name = {"type": "string", "pattern": _CLASS_NAME}
    properties["name"] = _with(properties["name"], class_name)
    properties["inputs"] = _with(
        properties["inputs"],
        {"type": "object", "minProperties": 1, "additionalProperties": _ref("input")},
    )
    values: Schema = {"type": "object", "additionalProperties": _ref("value")}
    properties["vars"] = _with(properties["vars"], values)
    variants: Schema = {"type": "object", "additionalProperties": values}
    properties["variants"] = _with(properties["variants"], variants)
    blocks: Schema = {
        "type": "object",
        "propertyNames": {"not": _ref("builtin")},
        "additionalProperties": _ref("block"),
    }
    properties["blocks"] = _with(properties["blocks"], blocks)
    properties["layers"] = _with(properties["layers"], _ref("layers"))
    own = [name for name in SpecModel.model_fields if name not in LibraryModel.model_fields]
    has_blocks = _any_of_keys(("blocks", "use"))
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "required": _required(LibraryModel),
        "if": {**has_blocks, "not": _any_of_keys(own)},
        "else": {
            **_with_keys(_required(SpecModel)),
            "if": has_blocks,
            "else": _object({"layers": _ref("builtin_layers")}),
        },
    }


def _input() -> Schema:
    properties = _properties(InputModel)
    properties["shape"] = _with(properties["shape"], _ref("shape"))
    mapping = {**_object(properties), "required": ["shape"], "additionalProperties": False}
    return {"if": {"type": "object"}, "then": mapping, "else": _ref("shape")}


def _size() -> Schema:
    """A size of an input: a number or an upper-case word."""
    symbol = {"type": "string", "pattern": _SYMBOL}
    return _or_expression(_union([symbol, {"type": "integer", "minimum": 1}]))


def _block() -> Schema:
    properties = _properties(BlockModel)
    args: Schema = {
        "type": "object",
        "propertyNames": {"not": _ref("reserved")},
        "additionalProperties": _ref("value"),
    }
    properties["args"] = _with(properties["args"], args)
    properties["inputs"] = _with(properties["inputs"], _list_of({"type": "string"}))
    properties["allow"] = _with(properties["allow"], _ref("codes"))
    properties["layers"] = _with(properties["layers"], _ref("layers"))
    return {
        "description": _doc(BlockModel),
        "type": "object",
        "properties": properties,
        "required": _required(BlockModel),
        "additionalProperties": False,
    }


def _entry() -> Schema:
    """An entry of `layers`: a group, a reuse, or what its type says.

    An editor shows the first help that it finds; that of the type says most.
    """
    kinds = {
        "if": _with_keys(["layers"]),
        "then": _ref("group"),
        "else": {"if": _with_keys(["reuse"]), "then": _ref("reuse"), "else": _ref("typed")},
    }
    return _where("object", {"allOf": [kinds, _ref("common")]}, otherwise={"type": "object"})


def _common() -> Schema:
    """The values of the keys that every entry may have, and each of its instances."""
    properties = _properties(EntryModel)
    names = {"not": _ref("of_the_whole")}
    of_instances: Schema = {"allOf": [_ref("common")], "propertyNames": names}
    instance = _where("object", of_instances, otherwise={"type": "object"})
    several = _union([{"type": "integer", "minimum": 0}, _list_of(instance)])
    properties["repeat"] = _with(properties["repeat"], _or_expression(several))
    path = _union([{"type": "string", "pattern": _PATH}, {"type": "integer", "minimum": 0}])
    properties["name"] = _with(properties["name"], _or_expression(path))
    properties["first"] = _with(properties["first"], instance)
    properties["layers"] = _with(properties["layers"], _ref("layers"))
    properties["allow"] = _with(properties["allow"], _ref("codes"))
    names_of_types = {"anyOf": [_ref("builtin"), {"type": "string"}]}
    properties["type"] = _with(properties["type"], names_of_types)
    of_repeats = {"if": _any_of_keys(("first", "index")), "then": _with_keys(["repeat"])}
    return {**_object(properties), **of_repeats}


def _builtin_layers() -> Schema:
    """A list of layers in which a type that isn't built in is a mistake."""
    properties = {"type": _or_expression(_ref("builtin")), "layers": _ref("builtin_layers")}
    return _where("array", {"items": _where("object", {"properties": properties})})


def _typed(layers: Mapping[str, type[BaseModel]]) -> Schema:
    """An entry with a type. Where instances have types of their own, it says nothing of fields.

    A field that is required may come from an instance as well.
    """
    with_type = _where("object", _with_keys(["type"]), otherwise=False)
    listed = {"type": "array"}
    own_types = {
        "anyOf": [
            _with_keys(["first"], first=with_type),
            _with_keys(["repeat"], repeat={**listed, "contains": with_type}),
        ]
    }
    own_fields = {"anyOf": [_with_keys(["first"]), _with_keys(["repeat"], repeat=listed)]}
    needed = {name: _required(layer) for name, layer in layers.items()}
    complete = [
        {"if": _has_type(name), "then": _with_keys(keys)} for name, keys in needed.items() if keys
    ]
    fields: list[Schema] = [{"if": _has_type(name), "then": _ref(name)} for name in layers]
    of_blocks = {
        "if": _object({"type": _ref("builtin")}),
        "else": {"type": "object", "additionalProperties": _ref("value")},
    }
    return {
        **_with_keys(["type"]),
        "if": own_types,
        "else": {"allOf": [*fields, of_blocks, {"if": own_fields, "else": {"allOf": complete}}]},
    }


def _has_type(name: str) -> Schema:
    return _with_keys(["type"], type={"const": name})


def _closed(name: str, fields: Schema) -> Schema:
    """An entry that has the fields of its kind and no others; `name` is where this will stand."""
    common: Schema = {key: True for key in ENTRY_KEYS if key not in _KINDS}
    instances = {"first": _ref(name), "repeat": _where("array", {"items": _ref(name)})}
    return {**_object(common | instances | fields), "additionalProperties": False}


def _own_fields(model: type[BaseModel]) -> Schema:
    """The fields of an entry that not every entry has."""
    fields = _properties(model)
    return {name: each for name, each in fields.items() if name not in EntryModel.model_fields}


def _properties(model: type[BaseModel]) -> Schema:
    """The schemas of a model's fields, their values as a spec may write them."""
    made = model.model_json_schema()["properties"]
    properties = {}
    for name, each in made.items():
        properties[name] = _field(each, static=name in _STATIC)
        default = model.model_fields[name].default
        if "default" in properties[name]:
            properties[name]["default"] = as_written(default)
    return properties


def _required(model: type[BaseModel]) -> list[str]:
    return [name for name, each in model.model_fields.items() if each.is_required()]


def _nested(schema: Schema) -> Schema:
    """The schema of a mapping within a field: a filler, a param."""
    properties = {name: _field(each) for name, each in schema["properties"].items()}
    kept: Schema = {
        key: schema[key] for key in ("description", "type", "required") if key in schema
    }
    return {**kept, "properties": properties, "additionalProperties": False}


def as_written(value: Any) -> Any:
    """A field's default as a spec would write it: one size for two equal ones, no defaults."""
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_unset=True)
    if isinstance(value, tuple) and len(value) == 2 and value[0] == value[1]:
        return value[0]
    return to_jsonable_python(value)


def _field(schema: Schema, *, static: bool = False) -> Schema:
    """A field's schema as pydantic gives it, made one of what a spec may write.

    Pydantic's titles repeat the name. None is how a model says that a field isn't given; a spec
    leaves the field out. Any value may be an expression.
    """
    made = _value(schema)
    if not static:
        made = _or_expression(made)
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
        kept["items"] = _or_expression(_value(kept["items"]))
    if "anyOf" in kept:
        kept = _union([_value(each) for each in kept["anyOf"] if each != {"type": "null"}])
    return kept


_FACTS = ("title", "description", "default")


def _union(alternatives: list[Schema]) -> Schema:
    """One of several of different types: the first, unless the value is of another's type.

    Complaints then say what is wrong, not `anyOf`. Text comes first where it may be given, for a
    name is what is meant most often.
    """
    if len(alternatives) == 1:
        return alternatives[0]
    first, *others = sorted(alternatives, key=lambda each: each["type"] != "string")
    for each in others:
        if {each["type"], first.get("type")} == {"integer", "number"}:
            return {"type": "number"}
        first = {"if": {"type": each["type"]}, "then": each, "else": first}
    return first


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


def _or_expression(schema: Schema) -> Schema:
    """An expression, or what a schema says; complaints are about the latter.

    Text may be an expression anyway, and nothing can be said of any value.
    """
    if not schema or _takes_text(schema):
        return schema
    offered = {"examples": schema["examples"]} if "examples" in schema else {}
    behind = {key: each for key, each in schema.items() if key not in offered}
    return {**offered, "if": _ref("expression"), "else": behind}


def _takes_text(schema: Schema) -> bool:
    """Whether any text is an alternative, the last one as in `_union`."""
    while "then" in schema:
        schema = schema["else"]
    return schema.get("type") == "string" and "pattern" not in schema


def _with(field: Schema, schema: Schema) -> Schema:
    """A field's description with another schema than its model's."""
    return {key: field[key] for key in ("description", "default") if key in field} | schema


def _doc(model: type[BaseModel]) -> str:
    return cleandoc(model.__doc__ or "")


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _where(kind: str, schema: Schema, *, otherwise: Schema | bool = True) -> Schema:
    """What holds of values of a type, and nothing, or what is said, of others."""
    of_others = {} if otherwise is True else {"else": otherwise}
    return {"if": {"type": kind}, "then": {"type": kind, **schema}, **of_others}


def _with_keys(keys: list[str], **properties: Schema) -> Schema:
    """A mapping that has these keys; of some it is said what they are."""
    return {**_object({key: properties.get(key, True) for key in keys}), "required": keys}


def _any_of_keys(keys: Iterable[str]) -> Schema:
    return {"anyOf": [_with_keys([key]) for key in keys]}
