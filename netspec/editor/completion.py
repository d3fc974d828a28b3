"""What could stand at the cursor."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from netspec.diagnostics.codes import WARNINGS
from netspec.editor import facts, scope
from netspec.editor.cursor import Cursor
from netspec.editor.occurrences import Occurrences
from netspec.expressions.syntax import FUNCTIONS
from netspec.language.document import Block
from netspec.language.keys import KINDS, VARIANT_KEYS
from netspec.language.models import (
    AboutModel,
    BlockModel,
    EntryModel,
    GroupModel,
    InputModel,
    ParamModel,
    RequirementModel,
    SpecModel,
    TableModel,
)
from netspec.layers import CATALOGUE
from netspec.layers.page import FieldFacts, summary
from netspec.plugins import installed
from netspec.source import Mapping as Node
from netspec.source import Scalar

STEPS = {
    ("top", "layers"): "entries",
    ("top", "blocks"): "blocks",
    ("top", "variants"): "variants",
    ("top", "inputs"): "inputs",
    ("top", "allow"): "codes",
    ("top", "outputs"): "blobs",
    ("top", "state_order"): "blobs",
    ("top", "require"): "requirements",
    ("blocks", "*"): "block",
    ("block", "layers"): "entries",
    ("block", "outputs"): "blobs",
    ("block", "state_order"): "blobs",
    ("block", "args"): "args",
    ("block", "allow"): "codes",
    ("block", "require"): "requirements",
    ("args", "*"): "arg",
    ("variants", "*"): "variant",
    ("inputs", "*"): "input",
    ("input", "dtype"): "dtype",
    ("input", "phase"): "phase",
    ("requirements", "*"): "requirement",
    ("entries", "*"): "entry",
    ("entry", "layers"): "entries",
    ("entry", "type"): "type",
    ("entry", "bottom"): "blobs",
    ("entry", "otherwise"): "blobs",
    ("entry", "reuse"): "blobs",
    ("entry", "outputs"): "blobs",
    ("entry", "state_order"): "blobs",
    ("entry", "allow"): "codes",
    ("entry", "phase"): "phase",
    ("entry", "param"): "params",
    ("entry", "first"): "instance",
    ("entry", "repeat"): "instances",
    ("entry", "scope"): "truth",
    ("entry", "when"): "truth",
    ("entry", "*"): "field",
    ("instances", "*"): "instance",
    ("instance", "type"): "type",
    ("instance", "bottom"): "blobs",
    ("instance", "phase"): "phase",
    ("instance", "*"): "field",
    ("params", "*"): "param",
    ("codes", "*"): "codes",
    ("blobs", "*"): "blobs",
    ("field", "*"): "nested",
    ("nested", "*"): "nested",
}
"""Where a key, or any other, leads from a place of a spec."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that could stand at the cursor: its kind, a word on it, and what is written for
    it; `doc` is Markdown.
    """

    label: str
    kind: str
    detail: str = ""
    doc: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The cursor, where it stands, the innermost entry around it, and the names of the spec as it
    was last read.
    """

    cursor: Cursor
    place: str
    entry: Node | None
    names: Occurrences | None
    offset: int

    @property
    def block(self) -> str | None:
        """The block that the cursor stands in."""
        path = self.cursor.path
        return str(path[1]) if len(path) > 1 and path[0] == "blocks" else None

    def kind(self) -> tuple[facts.LayerType | None, Block | None]:
        """The layer or the block that the entry around the cursor is of."""
        given = None if self.entry is None else self.entry.get("type")
        name = given.text if isinstance(given, Scalar) else ""
        blocks = {} if self.names is None else self.names.document.blocks
        if name in blocks:
            return None, blocks[name]
        if name.startswith("$") and self.names is not None:
            var = self.names.document.vars.get(name[1:])
            said = None if var is None else var.compiled
            return None, blocks.get(said) if isinstance(said, str) else None
        return facts.layer_type(name), None


def complete(cursor: Cursor, names: Occurrences | None, offset: int) -> list[Item]:
    """What could stand at the cursor; `offset` is where it is in the text that the names are of."""
    place, entry = _placed(cursor)
    asked = Asked(cursor, place, entry, names, offset)
    if cursor.in_expression:
        return list(_values(asked))
    offered = _KEYS if cursor.is_key or (place == "entry" and not cursor.is_key) else _VALUES
    make = offered.get(place)
    return [] if make is None else list(make(asked))


def _placed(cursor: Cursor) -> tuple[str, Node | None]:
    """What sort of place the cursor is at, and the innermost entry around it."""
    path, depth, entry = cursor.path, 0, None
    # An entry may have been read by itself.
    place = "entries" if path and isinstance(path[0], int) else "top"
    for part in path:
        exact = STEPS.get((place, str(part)))
        place = exact or STEPS.get((place, "*")) or "other"
        depth += isinstance(part, str)
        if place == "entry" and depth < len(cursor.mappings):
            entry = cursor.mappings[depth]
    return place, entry


def _key_items(asked: Asked, known: Mapping[str, FieldFacts], kind: str) -> Iterator[Item]:
    """Keys that the mapping around the cursor doesn't have yet."""
    mapping = asked.cursor.mappings[-1] if asked.cursor.is_key else None
    given = {} if mapping is None else mapping.items
    for name, each in known.items():
        if name not in given or name == asked.cursor.word:
            colon = "" if asked.cursor.has_colon else ": "
            detail = each.heading if each.takes else each.heading.removeprefix("; ")
            yield Item(name, kind, detail, each.description, f"{name}{colon}")


def _entry_keys(asked: Asked) -> Iterator[Item]:
    layer, block = asked.kind()
    entry = asked.entry if asked.cursor.is_key else None
    model = GroupModel if entry is not None and "layers" in entry else EntryModel
    yield from _key_items(asked, facts.fields_of(layer, block), "field")
    given = [] if entry is None else [kind for kind in KINDS if kind in entry]
    common = {
        name: each
        for name, each in facts.model_fields(model).items()
        if name not in KINDS or not given or name in given
    }
    yield from _key_items(asked, common, "key")


def _instance_keys(asked: Asked) -> Iterator[Item]:
    yield from _key_items(asked, facts.fields_of(*asked.kind()), "field")


def _nested_keys(asked: Asked) -> Iterator[Item]:
    layer, _ = asked.kind()
    if layer is not None:
        yield from _key_items(asked, facts.nested_fields(layer), "field")


def _variant_keys(asked: Asked) -> Iterator[Item]:
    yield from _key_items(asked, facts.model_fields(AboutModel), "key")
    for name in {} if asked.names is None else asked.names.document.vars:
        if name not in VARIANT_KEYS:
            yield Item(name, "var", text=name if asked.cursor.has_colon else f"{name}: ")


def _model_keys(model: type[BaseModel]) -> Callable[[Asked], Iterator[Item]]:
    return lambda asked: _key_items(asked, facts.model_fields(model), "key")


def _types(asked: Asked) -> Iterator[Item]:
    for name, block in ({} if asked.names is None else asked.names.document.blocks).items():
        yield Item(name, "block", "block", block.doc or "", name)
    for name, layer in {**CATALOGUE, **installed()[0]}.items():
        yield Item(name, "type", layer.family, summary(layer), name)


def _blobs(asked: Asked) -> Iterator[Item]:
    if asked.names is None:
        return
    outer, dot, _ = asked.cursor.word.rpartition(".")
    own = None if asked.entry is None else asked.entry.get("name")
    for each in scope.blobs(asked.names, asked.offset, asked.block, outer):
        name = f"{outer}{dot}{each.name}"
        if not isinstance(own, Scalar) or own.text != name:
            yield Item(name, each.kind, each.detail, text=name)


def _values(asked: Asked) -> Iterator[Item]:
    if asked.names is not None:
        for each in scope.values(asked.names, asked.offset, asked.block):
            yield Item(each.name, each.kind, each.detail, text=each.name)
        for each in scope.blobs(asked.names, asked.offset, asked.block, ""):
            yield Item(each.name, each.kind, each.detail, text=each.name)
    for name in FUNCTIONS:
        yield Item(name, "function", "function", text=name)


def _words(words: Iterable[str]) -> Iterator[Item]:
    yield from (Item(each, "word", text=each) for each in words)


def _field_words(asked: Asked) -> Iterator[Item]:
    layer, block = asked.kind()
    name = next(part for part in reversed(asked.cursor.path) if isinstance(part, str))
    if layer is not None:
        yield from _words(facts.words_of(layer, name))
    elif block is not None and name in block.args:
        default = block.args[name].compiled
        yield from _words(["true", "false"] if isinstance(default, bool) else [])


def _nested_words(asked: Asked) -> Iterator[Item]:
    layer, _ = asked.kind()
    name = next(part for part in reversed(asked.cursor.path) if isinstance(part, str))
    if layer is not None:
        yield from _words((*facts.nested_words(layer, name), *facts.words_of(layer, name)))


_KEYS: dict[str, Callable[[Asked], Iterable[Item]]] = {
    "top": _model_keys(SpecModel),
    "block": _model_keys(BlockModel),
    "input": _model_keys(InputModel),
    "param": _model_keys(ParamModel),
    "requirement": _model_keys(RequirementModel),
    "instances": _model_keys(TableModel),
    "entry": _entry_keys,
    "instance": _instance_keys,
    "field": _nested_keys,
    "nested": _nested_keys,
    "variant": _variant_keys,
}
"""What offers keys, by place."""

_VALUES: dict[str, Callable[[Asked], Iterable[Item]]] = {
    "type": _types,
    "blobs": _blobs,
    "field": _field_words,
    "nested": _nested_words,
    "codes": lambda asked: (Item(n, "word", WARNINGS[n], text=n) for n in WARNINGS),
    "phase": lambda asked: _words(("TRAIN", "TEST")),
    "dtype": lambda asked: _words(facts.model_words(InputModel, "dtype")),
    "truth": lambda asked: _words(("true", "false")),
    "arg": lambda asked: _words(("required", "true", "false")),
    "top": _model_keys(SpecModel),
}
"""What offers values, by place; a word at the top level may become a key."""
