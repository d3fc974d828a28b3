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

from collections.abc import Mapping

from pydantic import BaseModel

from netspec.diagnostics.codes import WARNINGS
from netspec.language.keys import ENTRY_KEYS, KEYS_OF_THE_WHOLE, KINDS, RESERVED_KEYS
from netspec.language.models import (
    BlockModel,
    EntryModel,
    GroupModel,
    InputModel,
    LibraryModel,
    RequirementModel,
    SpecModel,
    TableModel,
    VariantModel,
)
from netspec.language.schema.expect import expect_schemas
from netspec.language.schema.fields import (
    doc_of,
    mapping_of,
    or_expression,
    properties_of,
    replaced,
    required_of,
    union,
)
from netspec.language.schema.terms import (
    Schema,
    any_of_keys,
    list_of,
    object_of,
    ref,
    where,
    with_keys,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# Names as the language has them; those that Python or PyTorch claim are left to `check`.
_SYMBOL = r"^([1-9][0-9]*\*)?[A-Z][A-Z0-9_]*$"
_CLASS_NAME = "^[A-Za-z_][A-Za-z_0-9]*$"
_PART = "([A-Za-z][A-Za-z_0-9]*(-[A-Za-z_0-9]+)*|0|[1-9][0-9]{0,5})"
_PATH = rf"^{_PART}(\.{_PART})*$"
_NAME: Schema = {"type": "string", "pattern": _CLASS_NAME}
"""A name that expressions may use, or a class."""
_NO_NULL: Schema = {"not": {"type": "null"}}


def spec_schema(layers: Mapping[str, type[BaseModel]]) -> Schema:
    """The schema of networks and libraries; `layers` are the built-in types by name."""
    defs: Schema = {
        "expression": {"type": "string", "pattern": r"\$"},
        "value": _NO_NULL,
        "builtin": {"enum": list(layers)},
        "reserved": {"enum": list(RESERVED_KEYS)},
        "of_the_whole": {"enum": list(KEYS_OF_THE_WHOLE)},
        "codes": list_of({"enum": [*WARNINGS, "unused-layer"]}),
        "shape": or_expression({**list_of(_size()), "minItems": 1}),
        "input": _input(),
        "layers": {**list_of(ref("entry")), "minItems": 1},
        "builtin_layers": _builtin_layers(),
        "entry": _entry(),
        "common": _common(),
        "table": _table(),
        "group": _closed("group", {"layers": True} | _own_fields(GroupModel)),
        "reuse": _closed("reuse", {"reuse": True}),
        "typed": _typed(layers),
        "block": _block(),
        "requirement": _closed_model(RequirementModel),
        **expect_schemas(),
    }
    for name, layer in layers.items():
        help = {"type": {"description": doc_of(layer)}}
        defs[name] = {"title": name} | _closed(name, help | _own_fields(layer))
    models: list[type[BaseModel]] = [EntryModel, *layers.values()]
    for model in models:
        for name, nested in model.model_json_schema().get("$defs", {}).items():
            defs.setdefault(name, mapping_of(nested))
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
    properties = properties_of(SpecModel)
    properties["allow"] = replaced(properties["allow"], ref("codes"))
    properties["name"] = replaced(properties["name"], _NAME)
    inputs = {"type": "object", "propertyNames": _NAME, "minProperties": 1}
    inputs["additionalProperties"] = ref("input")
    properties["inputs"] = replaced(properties["inputs"], inputs)
    values: Schema = {"type": "object", "additionalProperties": ref("value")}
    named = {**values, "propertyNames": _NAME}
    properties["vars"] = replaced(properties["vars"], named)
    of_variant = properties_of(VariantModel)
    of_variant["expect"] = replaced(of_variant["expect"], ref("expect"))
    variant = values | object_of(of_variant)
    variants: Schema = {"type": "object", "propertyNames": _NAME, "additionalProperties": variant}
    properties["variants"] = replaced(properties["variants"], variants)
    blocks: Schema = {
        "type": "object",
        "propertyNames": {**_NAME, "not": ref("builtin")},
        "additionalProperties": ref("block"),
    }
    properties["blocks"] = replaced(properties["blocks"], blocks)
    properties["require"] = replaced(properties["require"], list_of(ref("requirement")))
    properties["expect"] = replaced(properties["expect"], ref("expect"))
    properties["layers"] = replaced(properties["layers"], ref("layers"))
    own = [name for name in SpecModel.model_fields if name not in LibraryModel.model_fields]
    has_blocks = any_of_keys(("blocks", "use"))
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "required": required_of(LibraryModel),
        "if": {**has_blocks, "not": any_of_keys(own)},
        "else": {
            **with_keys(required_of(SpecModel)),
            "if": has_blocks,
            "else": object_of({"layers": ref("builtin_layers")}),
        },
    }


def _input() -> Schema:
    properties = properties_of(InputModel)
    properties["shape"] = replaced(properties["shape"], ref("shape"))
    mapping = {**object_of(properties), "required": ["shape"], "additionalProperties": False}
    return {"if": {"type": "object"}, "then": mapping, "else": ref("shape")}


def _size() -> Schema:
    """A size of an input: a number, an upper-case word, or a multiple of one such as `32*H`."""
    symbol = {"type": "string", "pattern": _SYMBOL}
    return or_expression(union([symbol, {"type": "integer", "minimum": 1}]))


def _block() -> Schema:
    properties = properties_of(BlockModel)
    args: Schema = {
        "type": "object",
        "propertyNames": {**_NAME, "not": ref("reserved")},
        "additionalProperties": ref("value"),
    }
    properties["args"] = replaced(properties["args"], args)
    properties["inputs"] = replaced(properties["inputs"], list_of({"type": "string"}))
    properties["require"] = replaced(properties["require"], list_of(ref("requirement")))
    properties["allow"] = replaced(properties["allow"], ref("codes"))
    properties["layers"] = replaced(properties["layers"], ref("layers"))
    return {
        "description": doc_of(BlockModel),
        "type": "object",
        "properties": properties,
        "required": required_of(BlockModel),
        "additionalProperties": False,
    }


def _entry() -> Schema:
    """An entry of `layers`: a group, a reuse, or what its type says.

    An editor shows the first help that it finds; that of the type says most.
    """
    kinds = {
        "if": with_keys(["layers"]),
        "then": ref("group"),
        "else": {"if": with_keys(["reuse"]), "then": ref("reuse"), "else": ref("typed")},
    }
    return where("object", {"allOf": [kinds, ref("common")]}, otherwise={"type": "object"})


def _common() -> Schema:
    """The values of the keys that every entry may have, and each of its instances."""
    properties = properties_of(EntryModel)
    names = {"not": ref("of_the_whole")}
    of_instances: Schema = {"allOf": [ref("common")], "propertyNames": names}
    instance = where("object", of_instances, otherwise={"type": "object"})
    row = where("object", of_instances, otherwise=ref("value"))
    several = union(
        [{"type": "integer", "minimum": 0}, list_of(row), {"type": "object", **ref("table")}]
    )
    properties["repeat"] = replaced(properties["repeat"], or_expression(several))
    path = union([{"type": "string", "pattern": _PATH}, {"type": "integer", "minimum": 0}])
    properties["name"] = replaced(properties["name"], or_expression(path))
    properties["first"] = replaced(properties["first"], instance)
    properties["layers"] = replaced(properties["layers"], ref("layers"))
    properties["allow"] = replaced(properties["allow"], ref("codes"))
    names_of_types = {"anyOf": [ref("builtin"), {"type": "string"}]}
    properties["type"] = replaced(properties["type"], names_of_types)
    of_repeats = {"if": any_of_keys(("first", "index")), "then": with_keys(["repeat"])}
    return {**object_of(properties), **of_repeats}


def _table() -> Schema:
    properties = properties_of(TableModel)
    names = {**list_of(_NAME), "minItems": 1}
    properties["columns"] = replaced(properties["columns"], names)
    properties["rows"] = replaced(properties["rows"], or_expression(list_of(ref("value"))))
    return {
        "description": doc_of(TableModel),
        **object_of(properties),
        "required": required_of(TableModel),
        "additionalProperties": False,
    }


def _closed_model(model: type[BaseModel]) -> Schema:
    """A mapping of a model's fields and no others."""
    return {
        "description": doc_of(model),
        **object_of(properties_of(model)),
        "required": required_of(model),
        "additionalProperties": False,
    }


def _builtin_layers() -> Schema:
    """A list of layers in which a type that isn't built in is a mistake."""
    properties = {"type": or_expression(ref("builtin")), "layers": ref("builtin_layers")}
    return where("array", {"items": where("object", {"properties": properties})})


def _typed(layers: Mapping[str, type[BaseModel]]) -> Schema:
    """An entry with a type. Where instances have types of their own, it says nothing of fields.

    A field that is required may come from an instance as well.
    """
    with_type = where("object", with_keys(["type"]), otherwise=False)
    listed = {"type": "array"}
    own_types = {
        "anyOf": [
            with_keys(["first"], first=with_type),
            with_keys(["repeat"], repeat={**listed, "contains": with_type}),
        ]
    }
    # What an expression stands for may be rows that have fields.
    rows = [with_keys(["repeat"], repeat={"type": kind}) for kind in ("array", "string")]
    own_fields = {"anyOf": [with_keys(["first"]), *rows]}
    needed = {name: required_of(layer) for name, layer in layers.items()}
    complete = [
        {"if": _has_type(name), "then": with_keys(keys)} for name, keys in needed.items() if keys
    ]
    fields: list[Schema] = [{"if": _has_type(name), "then": ref(name)} for name in layers]
    of_blocks = {
        "if": object_of({"type": ref("builtin")}),
        "else": {"type": "object", "additionalProperties": ref("value")},
    }
    return {
        **with_keys(["type"]),
        "if": own_types,
        "else": {"allOf": [*fields, of_blocks, {"if": own_fields, "else": {"allOf": complete}}]},
    }


def _has_type(name: str) -> Schema:
    return with_keys(["type"], type={"const": name})


def _closed(name: str, fields: Schema) -> Schema:
    """An entry that has the fields of its kind and no others; `name` is where this will stand."""
    common: Schema = {key: True for key in ENTRY_KEYS if key not in KINDS}
    row = where("object", ref(name))
    instances = {"first": ref(name), "repeat": where("array", {"items": row})}
    return {**object_of(common | instances | fields), "additionalProperties": False}


def _own_fields(model: type[BaseModel]) -> Schema:
    """The fields of an entry that not every entry has."""
    fields = properties_of(model)
    return {name: each for name, each in fields.items() if name not in EntryModel.model_fields}
