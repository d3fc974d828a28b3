"""From YAML values to a document: what stands where, checked for form.

Reading resolves no name and evaluates no expression; it only takes the text apart.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, Span, SpecError
from netspec.diagnostics.suggest import nearest
from netspec.language.document import Block, Document, Entry, Input
from netspec.language.models import (
    BlockModel,
    EntryModel,
    GroupModel,
    InputModel,
    ReuseModel,
)
from netspec.language.names import is_identifier, problem
from netspec.language.validate import listed, show, validate
from netspec.language.values import Field, literal_field, no_value, read_field
from netspec.source import Mapping, Scalar, Sequence, Value

LANGUAGE_VERSION = 1

_MODELS: dict[str, type[BaseModel]] = {
    "type": EntryModel,
    "layers": GroupModel,
    "reuse": ReuseModel,
}
_TYPES_ELSEWHERE = frozenset(("op", "op_type", "kind", "class", "class_name", "module"))
"""What other formats call an entry's type."""
_PARTS_OF = {"layers": list, "blocks": dict, "variants": dict, "repeat": list}
"""Keys that hold mappings, in a list or by name, which are read one by one."""
_NAMED = frozenset(("vars", "args", "inputs", "first"))
"""Keys that hold fields by name, which are read one by one."""
_LITERAL = frozenset(("doc", "source"))
_STATIC = frozenset(("index", "phase", "allow", "scope", "use", "netspec", "dtype"))
_STRUCTURES = _NAMED | _PARTS_OF.keys() - {"repeat"}
"""Keys whose value is taken apart before any expression has a value."""
_OF_THE_WHOLE = frozenset(("repeat", "first", "index", "layers", "scope", "allow", "doc"))
"""Keys of an entry that its instances can't have of their own."""


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
        self, mapping: Mapping, literal: frozenset[str] = _LITERAL, *, plain: bool = False
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
            for name in _STATIC & found.keys():
                if found[name].dynamic:
                    self._refuse_expression(name, found[name])
        return found

    def _refuse_expression(self, name: str, field: Field) -> None:
        if not field.broken:
            self.error("bad-value", f"`{name}` can't be an expression", field.span)

    def _nest(self, name: str, key: Scalar, value: Value) -> Field:
        """A field whose parts are read one by one; only that they are mappings is checked here."""
        kind = _PARTS_OF.get(name)
        if kind is None:
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
    ) -> None:
        """Report what a model finds wrong with the fields that hold no expression, and expressions
        where the language wants to see what is there.
        """
        for name, each in fields.items():
            if each.dynamic and name in _STRUCTURES and name in model.model_fields:
                self._refuse_expression(name, each)
        values = {name: each.compiled for name, each in fields.items() if not each.dynamic}
        later = deferred.union(name for name, each in fields.items() if each.dynamic)
        validate(model, fields, values, where, self.report, deferred=later)

    def top(self, value: Value, model: type[BaseModel]) -> tuple[Mapping, dict[str, Field]]:
        """A whole file and its fields, checked against a model; SpecError if it is no mapping."""
        if not isinstance(value, Mapping):
            message = "a spec is a mapping that begins with `netspec: 1`"
            raise SpecError([Diagnostic("wrong-type", message, value.span)])
        top = self._respelled(value, model)
        self._check_version(top)
        fields = self.fields(top, frozenset(("doc", "source", "name")))
        start = next(iter(top.keys.values())).span if top.keys else top.span
        # The version has its own, more helpful check.
        self.apply(model, fields, start, frozenset(("netspec",)))
        return top, fields

    def _respelled(self, mapping: Mapping, model: type[BaseModel]) -> Mapping:
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

    def _check_version(self, top: Mapping) -> None:
        version = top.get("netspec")
        if version is None:
            start = next(iter(top.keys.values())).span if top.keys else top.span
            message = "`netspec` is missing: the version of the language"
            self.error("missing-field", message, start, "begin with `netspec: 1`")
            return
        number = version.value if isinstance(version, Scalar) else None
        if type(number) is int and number != LANGUAGE_VERSION:
            message = f"this is version {number} of the language; netspec reads {LANGUAGE_VERSION}"
            raise SpecError([Diagnostic("version", message, version.span)])
        if isinstance(number, bool | float) and number == LANGUAGE_VERSION:
            # Python, and so the model, takes both for the number.
            message = f"`netspec` should be {LANGUAGE_VERSION}, not {show(number)}"
            self.error("bad-value", message, version.span)

    def block(self, name: str, mapping: Mapping, key: Scalar, library: bool = False) -> Block:
        before = self.mistakes
        node = self._respelled(mapping, BlockModel)
        fields = self.fields(node)
        self.apply(BlockModel, fields, key.span)
        args = node.get("args")
        inputs = fields["inputs"].node if "inputs" in fields else None
        found = self.fields(args, frozenset(), plain=True) if isinstance(args, Mapping) else {}
        names = None
        if isinstance(inputs, Sequence):
            texts = [each.value for each in inputs.items if isinstance(each, Scalar)]
            names = tuple(text for text in texts if isinstance(text, str))
        bad = self.mistakes != before
        return Block(
            name,
            key,
            node,
            found,
            self.entries(node.get("layers")),
            names,
            fields.get("outputs"),
            _codes(fields),
            _text(fields, "doc"),
            library,
            bad,
        )

    def entries(self, value: Value | None) -> tuple[Entry, ...]:
        if not isinstance(value, Sequence):
            return ()
        return tuple([self.entry(item) for item in value.items if isinstance(item, Mapping)])

    def entry(self, node: Mapping) -> Entry:
        before = self.mistakes
        fields = self.fields(node)
        self._check_entry(node, fields)
        first, instances = self._variations(node, fields)
        bad = self.mistakes != before
        for name in ("layers", "first"):
            fields.pop(name, None)
        repeat = fields.pop("repeat", None)
        scope = fields.get("scope")
        return Entry(
            node,
            fields,
            self.entries(node["layers"]) if "layers" in node else None,
            repeat if instances is None else None,
            instances,
            first,
            _text(fields, "index") or "i",
            scope is None or scope.compiled is not False,
            _codes(fields),
            _text(fields, "doc"),
            bad,
        )

    def _check_entry(self, node: Mapping, fields: dict[str, Field]) -> None:
        """What can be said of an entry without knowing its type."""
        kinds = [name for name in _MODELS if name in node]
        keys = list(node.keys.values())
        where = fields["name"].span if "name" in fields else (keys[0] if keys else node).span
        if not kinds:
            near = next(filter(None, (nearest(name, _MODELS) for name in node.keys)), None)
            help = f"did you mean `{near}`?" if near else None
            if any(name in _TYPES_ELSEWHERE for name in node.keys):
                help = "netspec calls it `type`"
            self.error("missing-field", "an entry needs `type`, `layers` or `reuse`", where, help)
            return
        if len(kinds) > 1:
            given = listed([f"`{kind}`" for kind in kinds])
            message = f"an entry has one of `type`, `layers` and `reuse`, not {given}"
            self.error("field-conflict", message, node.keys[kinds[1]].span)
        self.apply(_MODELS[kinds[0]], fields, where)
        if "param" in fields and kinds[0] != "type":
            message = f"an entry with `{kinds[0]}` has no parameters of its own"
            self.error("field-conflict", message, fields["param"].key_span)
        body = fields.get("layers")
        if body is not None and body.compiled == []:
            self.error("bad-value", "`layers` lists no layer", body.span)
        index = _text(fields, "index")
        if index is not None and not is_identifier(index):
            message = "`index` is the name of a value: letters, digits and `_`"
            self.error("bad-name", message, fields["index"].span)
        for name in ("first", "index"):
            if name in node and "repeat" not in node:
                message = f"`{name}` has no meaning without `repeat`"
                self.error("field-conflict", message, node.keys[name].span)

    def _variations(
        self, node: Mapping, fields: dict[str, Field]
    ) -> tuple[dict[str, Field], tuple[dict[str, Field], ...] | None]:
        """What instance 0, and each instance of a repeat that lists them, has of its own."""
        first, repeat = node.get("first"), node.get("repeat")
        varied = self._instance(first, fields) if isinstance(first, Mapping) else {}
        if not isinstance(repeat, Sequence):
            return varied, None
        items = [item for item in repeat.items if isinstance(item, Mapping)]
        return varied, tuple(self._instance(item, fields) for item in items)

    def _instance(self, node: Mapping, shared: dict[str, Field]) -> dict[str, Field]:
        fields = self.fields(node)
        for name in list(fields):
            misplaced = name in ("type", "reuse") and name not in shared
            if name in _OF_THE_WHOLE or misplaced:
                message = f"an instance can't have a `{name}` of its own"
                self.error("field-conflict", message, fields.pop(name).key_span)
        self.apply(EntryModel, fields, node.span)
        return fields

    def inputs(self, value: Value | None) -> dict[str, Input]:
        """The inputs of a document, in order."""
        inputs: dict[str, Input] = {}
        if not isinstance(value, Mapping):
            return inputs
        if not value.items:
            self.error("bad-value", "`inputs` names no input", value.span)
        for name, node in value.items.items():
            key = value.keys[name]
            if isinstance(node, Mapping):
                fields = self.fields(node)
            else:
                fields = {"shape": read_field(key, node, self.report)}
            self.apply(InputModel, fields, key.span)
            shape = fields.get("shape") or Field(key, node, None)
            dtype = _text(fields, "dtype") or "float32"
            phase = _text(fields, "phase")
            inputs[name] = Input(name, key, shape, dtype, phase.upper() if phase else None)
        return inputs


def read_document(
    top: Mapping,
    fields: dict[str, Field],
    files: tuple[SourceText, ...],
    libraries: dict[str, Block],
    complete: bool,
    reader: Reader,
) -> Document:
    """The document of a spec's text, whose mistakes go to the reader's diagnostics.

    `libraries` are the blocks that it uses from other files, `complete` unless some of those
    couldn't be read; `files` are all texts, its own first.
    """
    _check_name(fields, reader)
    blocks = dict(libraries)
    for name, (key, body) in _mappings(top, "blocks").items():
        if name in blocks:
            message = f"block `{name}` is defined in {blocks[name].key.span} too"
            reader.error("duplicate-name", message, key.span)
        blocks[name] = reader.block(name, body, key)
    variants = _mappings(top, "variants")
    variables = top.get("vars")
    if "layers" in fields and fields["layers"].compiled == []:
        reader.error("bad-value", "`layers` lists no layer", fields["layers"].span)
    return Document(
        _text(fields, "name") or "",
        files[0],
        _text(fields, "doc"),
        _text(fields, "source"),
        reader.inputs(top.get("inputs")),
        _named(variables, reader),
        {name: _named(body, reader) for name, (_, body) in variants.items()},
        {name: key for name, (key, _) in variants.items()},
        blocks,
        reader.entries(top.get("layers")),
        fields.get("outputs"),
        _codes(fields),
        files,
        top,
        complete,
    )


def _check_name(fields: dict[str, Field], reader: Reader) -> None:
    """The network's name becomes that of a class."""
    name = _text(fields, "name")
    wrong = problem(name) if name is not None else None
    if name is not None and not is_identifier(name):
        message = "the network's name becomes that of a class: letters, digits and `_`"
        reader.error("bad-name", message, fields["name"].span, wrong[1] if wrong else None)


def _is_nest(name: str, value: Value) -> bool:
    """Whether a key that may hold further fields does so."""
    return isinstance(value, Sequence if _PARTS_OF.get(name) is list else Mapping)


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


def _named(value: Value | None, reader: Reader) -> dict[str, Field]:
    """The fields of a mapping in which the user chooses the names."""
    return reader.fields(value, frozenset(), plain=True) if isinstance(value, Mapping) else {}


def _mappings(top: Mapping, name: str) -> dict[str, tuple[Scalar, Mapping]]:
    """The mappings within one of a document's mappings, with their keys."""
    outer = top.get(name)
    if not isinstance(outer, Mapping):
        return {}
    items = outer.items.items()
    return {key: (outer.keys[key], each) for key, each in items if isinstance(each, Mapping)}


def _text(fields: dict[str, Field], name: str) -> str | None:
    value = fields[name].compiled if name in fields else None
    return value if isinstance(value, str) else None


def _codes(fields: dict[str, Field]) -> frozenset[str]:
    codes: Any = fields["allow"].compiled if "allow" in fields else ()
    items = codes if isinstance(codes, list) else ()
    return frozenset(code for code in items if isinstance(code, str))
