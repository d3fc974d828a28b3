"""A document: what a spec's text says, checked for form, with every value's place.

Reading a document resolves no name and evaluates no expression; it only takes the text apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, Span, SpecError
from netspec.diagnostics.suggest import nearest
from netspec.language.models import BlockModel, EntryModel, GroupModel, ReuseModel, SpecModel
from netspec.language.names import ENTRY_KEYS, is_identifier
from netspec.language.validate import validate
from netspec.language.values import Field, literal_field, read_field
from netspec.source import Mapping, Scalar, Sequence, Value

LANGUAGE_VERSION = 1
REQUIRED = "required"
_LITERAL_KEYS = frozenset(("doc", "source"))
_STATIC_KEYS = frozenset(("index", "phase", "allow", "scope", "layers"))


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An entry of a list of layers.

    `fields` are all its keys but `layers`, `first` and `repeat`; `instances` are the fields of
    each instance where `repeat` lists them. `body` are a group's own entries.
    """

    node: Mapping
    fields: dict[str, Field]
    body: "tuple[Entry, ...] | None" = None
    repeat: Field | None = None
    instances: tuple[dict[str, Field], ...] | None = None
    first: dict[str, Field] = field(default_factory=dict)
    index: str = "i"
    phase: str | None = None
    scope: bool = True
    allow: frozenset[str] = frozenset()
    doc: str | None = None

    @property
    def span(self) -> Span:
        """The place to blame for the entry as a whole: its type, or its first key."""
        for name in ("type", "reuse", "name"):
            if name in self.fields:
                return self.fields[name].span
        keys = list(self.node.keys.values())
        return keys[0].span if keys else self.node.span

    @property
    def repeats(self) -> bool:
        return self.repeat is not None or self.instances is not None

    def own_fields(self, fields: dict[str, Field]) -> dict[str, Field]:
        """The fields that belong to the entry's type, not to every entry."""
        return {name: value for name, value in fields.items() if name not in _COMMON}


_COMMON = frozenset((*ENTRY_KEYS, "layers", "reuse", "scope", "outputs"))


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A layer type that a document defines; `library` if another file brought it in."""

    name: str
    key: Scalar
    node: Mapping
    args: dict[str, Field]
    layers: tuple[Entry, ...]
    inputs: tuple[str, ...] | None
    outputs: Field | None
    allow: frozenset[str]
    doc: str | None
    library: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """An input of the network, its shape not yet evaluated."""

    name: str
    key: Scalar
    shape: Field
    dtype: str
    phase: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A spec as its text says it. `files` are all texts that it was read from, its own first."""

    name: str
    source_text: SourceText
    doc: str | None
    source: str | None
    inputs: dict[str, Input]
    vars: dict[str, Field]
    variants: dict[str, dict[str, Field]]
    variant_keys: dict[str, Scalar]
    blocks: dict[str, Block]
    layers: tuple[Entry, ...]
    outputs: Field | None
    allow: frozenset[str]
    files: tuple[SourceText, ...]
    top: Mapping


@dataclass
class Reader:
    """Takes values apart into documents, blocks and entries; mistakes go to `diagnostics`."""

    diagnostics: Diagnostics
    cut: set[int] = field(default_factory=set)

    def top(self, value: Value, model: type[BaseModel], text: SourceText) -> dict[str, Field]:
        """The fields of a whole file, checked against its model; SpecError if it is no mapping."""
        if not isinstance(value, Mapping):
            message = "a spec is a mapping that begins with `netspec: 1`"
            raise SpecError([Diagnostic("wrong-type", message, value.span)])
        self.check_version(value)
        fields = self.fields(value, literal=frozenset(("doc", "source", "name", "vars")))
        self.apply(model, fields, value.span.part(0, 1))
        return fields

    def check_version(self, top: Mapping) -> None:
        version = top.get("netspec")
        if isinstance(version, Scalar) and type(version.value) is int:
            if version.value != LANGUAGE_VERSION:
                message = f"this is version {version.value} of the language; netspec reads 1"
                raise SpecError([Diagnostic("version", message, version.span)])
        elif version is None:
            start = next(iter(top.keys.values())).span if top.keys else top.span
            message = "`netspec` is missing: the version of the language"
            self.diagnostics.error("missing-field", message, start, help="begin with `netspec: 1`")

    def apply(
        self, model: type[BaseModel], fields: dict[str, Field], where: Span
    ) -> None:
        """Report what a model finds wrong with the fields that hold no expression."""
        values = {name: each.compiled for name, each in fields.items() if not each.dynamic}
        deferred = frozenset(name for name, each in fields.items() if each.dynamic)
        # The version has its own, more helpful check.
        deferred |= {"netspec"} if "netspec" not in values else frozenset()
        validate(model, fields, values, where, self.diagnostics.add, deferred=deferred)

    def fields(
        self, mapping: Mapping, literal: frozenset[str] = _LITERAL_KEYS
    ) -> dict[str, Field]:
        """The fields of a mapping; one whose expression can't be read is reported and left out."""
        found = {}
        remains = self._remains(mapping)
        for name, value in mapping.items.items():
            key = mapping.keys[name]
            if name in literal:
                found[name] = literal_field(key, value)
            elif name in ("layers", "blocks", "variants", "first") or (
                name == "repeat" and isinstance(value, Sequence)
            ):
                # What these hold is read, and its expressions with it, entry by entry.
                found[name] = literal_field(key, value)
            elif name not in remains:
                each = read_field(key, value, self.diagnostics.add)
                if each is None:
                    self.cut.add(id(mapping))
                else:
                    found[name] = each
        return found

    def _remains(self, mapping: Mapping) -> set[str]:
        """Keys without value that are the rest of an expression which YAML cut at a comma."""
        remains: set[str] = set()
        is_cut = False
        for name, value in mapping.items.items():
            if isinstance(value, Scalar):
                text = value.value
                if is_cut and text is None:
                    remains.add(name)
                elif isinstance(text, str):
                    is_cut = not value.quoted and text.count("(") > text.count(")") and "$(" in text
        return remains

    def block(self, name: str, mapping: Mapping, key: Scalar, library: bool = False) -> Block:
        fields = self.fields(mapping)
        self.apply(BlockModel, fields, key.span)
        args = mapping.get("args")
        inputs = fields["inputs"].compiled if "inputs" in fields else None
        return Block(
            name,
            key,
            mapping,
            self.fields(args, frozenset()) if isinstance(args, Mapping) else {},
            self.entries(mapping.get("layers")),
            tuple(map(str, inputs)) if isinstance(inputs, list) else None,
            fields.get("outputs"),
            _codes(fields),
            _text(fields, "doc"),
            library,
        )

    def entries(self, value: Value | None) -> tuple[Entry, ...]:
        if not isinstance(value, Sequence):
            return ()
        return tuple(self.entry(item) for item in value if isinstance(item, Mapping))

    def entry(self, node: Mapping) -> Entry:
        fields = self.fields(node)
        self._check_entry(node, fields)
        first, repeat = node.get("first"), fields.pop("repeat", None)
        fields.pop("first", None)
        instances = None
        if repeat is not None and isinstance(repeat.node, Sequence):
            items = [item for item in repeat.node if isinstance(item, Mapping)]
            instances = tuple(self.fields(item) for item in items)
            repeat = None
        return Entry(
            node,
            {name: each for name, each in fields.items() if name != "layers"},
            self.entries(node["layers"]) if "layers" in node else None,
            repeat,
            instances,
            self.fields(first) if isinstance(first, Mapping) else {},
            _text(fields, "index") or "i",
            _phase(fields),
            fields["scope"].compiled is not False if "scope" in fields else True,
            _codes(fields),
            _text(fields, "doc"),
        )

    def _check_entry(self, node: Mapping, fields: dict[str, Field]) -> None:
        """What can be said of an entry without knowing its type."""
        kinds = [name for name in ("type", "layers", "reuse") if name in node]
        keys = list(node.keys.values())
        where = fields["name"].span if "name" in fields else (keys[0] if keys else node).span
        if id(node) in self.cut and not kinds:
            return
        if not kinds:
            wanted = nearest_key(node)
            self.diagnostics.error(
                "missing-field", "an entry needs `type`, `layers` or `reuse`", where, help=wanted
            )
            return
        if len(kinds) > 1:
            message = f"an entry has one of `type`, `layers` and `reuse`, not {' and '.join(kinds)}"
            self.diagnostics.error("field-conflict", message, node.keys[kinds[1]].span)
        models = {"type": EntryModel, "layers": GroupModel, "reuse": ReuseModel}
        self.apply(models[kinds[0]], fields, where)
        for name in ("index", "phase", "allow", "scope"):
            if name in fields and fields[name].dynamic:
                message = f"`{name}` can't be an expression"
                self.diagnostics.error("bad-value", message, fields[name].span)
        if "index" in fields and not is_identifier(str(fields["index"].compiled)):
            message = "`index` is the name of a value: letters, digits and `_`"
            self.diagnostics.error("bad-name", message, fields["index"].span)
        self._check_single_instance_keys(node, fields)

    def _check_single_instance_keys(self, node: Mapping, fields: dict[str, Field]) -> None:
        for name in ("first", "index"):
            if name in node and "repeat" not in node:
                message = f"`{name}` has no meaning without `repeat`"
                self.diagnostics.error("field-conflict", message, node.keys[name].span)


def nearest_key(node: Mapping) -> str | None:
    """Help for an entry that lacks its main key."""
    for name in node.keys:
        if nearest(name, ("type", "layers", "reuse")):
            return f"did you mean `{nearest(name, ('type', 'layers', 'reuse'))}`?"
    return None


def _text(fields: dict[str, Field], name: str) -> str | None:
    value = fields[name].compiled if name in fields else None
    return value if isinstance(value, str) else None


def _phase(fields: dict[str, Field]) -> str | None:
    phase = _text(fields, "phase")
    return phase.upper() if phase is not None else None


def _codes(fields: dict[str, Field]) -> frozenset[str]:
    codes: Any = fields["allow"].compiled if "allow" in fields else ()
    return frozenset(code for code in codes or () if isinstance(code, str))


def read_document(
    value: Value, text: SourceText, libraries: "Iterator[Block] | list[Block]", reader: Reader
) -> Document:
    """The document of a spec's text; `libraries` are the blocks that it uses from other files.

    Mistakes go to the reader's diagnostics; SpecError where nothing can be read at all.
    """
    fields = reader.top(value, SpecModel, text)
    assert isinstance(value, Mapping)
    blocks = {block.name: block for block in libraries}
    for name, (key, body) in _mappings(value, "blocks").items():
        if name in blocks:
            message = f"block `{name}` is defined by a file in `use` too"
            reader.diagnostics.error("duplicate-name", message, key.span)
        blocks[name] = reader.block(name, body, key)
    variants = _mappings(value, "variants")
    vars_node = value.get("vars")
    return Document(
        str(fields["name"].compiled) if "name" in fields else "",
        text,
        _text(fields, "doc"),
        _text(fields, "source"),
        read_inputs(value.get("inputs"), reader),
        reader.fields(vars_node, frozenset()) if isinstance(vars_node, Mapping) else {},
        {name: reader.fields(body, frozenset()) for name, (_, body) in variants.items()},
        {name: key for name, (key, _) in variants.items()},
        blocks,
        reader.entries(value.get("layers")),
        fields.get("outputs"),
        _codes(fields),
        (text,),
        value,
    )


def _mappings(top: Mapping, name: str) -> dict[str, tuple[Scalar, Mapping]]:
    """The mappings within one of a document's mappings, with their keys."""
    outer = top.get(name)
    if not isinstance(outer, Mapping):
        return {}
    items = outer.items.items()
    return {key: (outer.keys[key], each) for key, each in items if isinstance(each, Mapping)}


def read_inputs(value: Value | None, reader: Reader) -> dict[str, Input]:
    """The inputs of a document, in order."""
    from netspec.language.models import InputModel

    inputs: dict[str, Input] = {}
    if not isinstance(value, Mapping):
        return inputs
    for name, node in value.items.items():
        key = value.keys[name]
        fields: dict[str, Field]
        if isinstance(node, Mapping):
            fields = reader.fields(node)
        else:
            each = read_field(key, node, reader.diagnostics.add)
            fields = {} if each is None else {"shape": each}
        reader.apply(InputModel, fields, key.span)
        if "shape" in fields and isinstance(fields["shape"].compiled, list):
            dtype = _text(fields, "dtype") or "float32"
            inputs[name] = Input(name, key, fields["shape"], dtype, _phase(fields))
    if not inputs and not value.items:
        reader.diagnostics.error("bad-value", "`inputs` names no input", value.span)
    return inputs
