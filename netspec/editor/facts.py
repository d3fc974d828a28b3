"""What the language says of keys and types: their pages, in pieces."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from netspec.editor.areas import Areas
from netspec.language.document import Block, Entry
from netspec.language.models import EntryModel, GroupModel
from netspec.layers import CATALOGUE, Layer
from netspec.layers.page import FieldFacts, fields, nested
from netspec.plugins import PluginError, find_layer
from netspec.source import Scalar, Value

LayerType = type[Layer]


def layer_type(name: str) -> LayerType | None:
    """The layer of a type, the catalogue's or an installed package's."""
    if name in CATALOGUE:
        return CATALOGUE[name]
    try:
        return find_layer(name)
    except PluginError:
        return None


def kind_of(areas: Areas, entry: Entry) -> tuple[LayerType | None, Block | None]:
    """The layer or the block that an entry is of."""
    block = areas.block_of(entry)
    if block is not None:
        return None, areas.document.blocks[block]
    given = entry.fields.get("type")
    name = given.compiled if given is not None else None
    return (layer_type(name) if isinstance(name, str) else None), None


@lru_cache(maxsize=512)
def layer_fields(layer: LayerType) -> dict[str, FieldFacts]:
    """The fields of a layer by name."""
    return {each.name: each for each in fields(layer)}


def fields_of(layer: LayerType | None, block: Block | None) -> Mapping[str, FieldFacts]:
    """The fields that belong to a type: a layer's, or a block's args."""
    if layer is not None:
        return layer_fields(layer)
    if block is None:
        return {}
    return {name: _arg(name, each.node, block) for name, each in block.args.items()}


def _arg(name: str, default: Value, block: Block) -> FieldFacts:
    required = isinstance(default, Scalar) and default.value == "required"
    text = default.text if isinstance(default, Scalar) else str(default.plain())
    return FieldFacts(name, "arg", None if required else text, f"an arg of block `{block.name}`")


@lru_cache(maxsize=512)
def nested_fields(layer: LayerType) -> dict[str, FieldFacts]:
    """The fields of the mappings that stand in a layer's fields: of fillers."""
    return {each.name: each for found in nested(layer) for each in found.fields}


@lru_cache(maxsize=512)
def model_fields(model: type[BaseModel]) -> dict[str, FieldFacts]:
    """The keys of a model of the language."""
    found = {}
    for name, each in model.model_fields.items():
        default = None if each.is_required() else ""
        found[name] = FieldFacts(name, "", default, each.description or "")
    return found


def common_field(name: str) -> FieldFacts | None:
    """A key that every entry, or a group, may have."""
    return model_fields(GroupModel).get(name) or model_fields(EntryModel).get(name)


@lru_cache(maxsize=512)
def words_of(layer: LayerType, name: str) -> tuple[str, ...]:
    """The words that a field takes, those of a list's items too."""
    schema = layer.model_json_schema()
    return tuple(words_in(schema.get("properties", {}).get(name, {}), schema.get("$defs", {})))


@lru_cache(maxsize=512)
def nested_words(layer: LayerType, name: str) -> tuple[str, ...]:
    """The words that a field within one of a layer's mappings takes."""
    defs = layer.model_json_schema().get("$defs", {})
    found = (each.get("properties", {}).get(name, {}) for each in defs.values())
    return tuple(dict.fromkeys(word for each in found for word in words_in(each, defs)))


def model_words(model: type[BaseModel], name: str) -> tuple[str, ...]:
    """The words that a key of a model takes."""
    schema = model.model_json_schema()
    return tuple(words_in(schema["properties"].get(name, {}), schema.get("$defs", {})))


def words_in(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> list[str]:
    """The words among the values that a schema allows."""
    found = [str(each) for each in schema.get("enum", ())]
    if "const" in schema:
        found.append(str(schema["const"]))
    if schema.get("type") == "boolean":
        found += ["true", "false"]
    for each in (*schema.get("anyOf", ()), schema.get("items")):
        if isinstance(each, Mapping):
            found += words_in(each, defs)
    return list(dict.fromkeys(found))
