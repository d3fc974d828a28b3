"""A whole file, network or library, and the document of a network."""

from typing import Any

from pydantic import BaseModel

from netspec.diagnostics import Diagnostic, SourceText, SpecError
from netspec.language.document import About, Block, Document, Input, Variant
from netspec.language.keys import ABOUT_KEYS, EXPECT, REQUIRE, VARIANT_KEYS
from netspec.language.models import InputModel, VariantModel
from netspec.language.names import identifier_like, is_identifier
from netspec.language.reading.entries import read_block, read_entries
from netspec.language.reading.fields import Reader, codes_of, text_of
from netspec.language.reading.requirements import read_requirements
from netspec.language.validate import show
from netspec.language.values import Field, read_field
from netspec.source import Mapping, Scalar, Value

LANGUAGE_VERSION = 1


def read_top(
    reader: Reader, value: Value, model: type[BaseModel]
) -> tuple[Mapping, dict[str, Field]]:
    """A whole file and its fields, checked against a model; SpecError if it is no mapping."""
    if not isinstance(value, Mapping):
        message = "a spec is a mapping that begins with `netspec: 1`"
        raise SpecError([Diagnostic("wrong-type", message, value.span)])
    top = reader.respelled(value, model)
    _check_version(reader, top)
    fields = reader.fields(top, frozenset((*VARIANT_KEYS, "name", REQUIRE)))
    start = next(iter(top.keys.values())).span if top.keys else top.span
    # The version has its own, more helpful check.
    reader.apply(model, fields, start, frozenset(("netspec",)))
    return top, fields


def _check_version(reader: Reader, top: Mapping) -> None:
    version = top.get("netspec")
    if version is None:
        start = next(iter(top.keys.values())).span if top.keys else top.span
        message = "`netspec` is missing: the version of the language"
        reader.error("missing-field", message, start, "begin with `netspec: 1`")
        return
    number = version.value if isinstance(version, Scalar) else None
    if type(number) is int and number != LANGUAGE_VERSION:
        message = f"this is version {number} of the language; netspec reads {LANGUAGE_VERSION}"
        raise SpecError([Diagnostic("version", message, version.span)])
    if isinstance(number, bool | float) and number == LANGUAGE_VERSION:
        # Python, and so the model, takes both for the number.
        message = f"`netspec` should be {LANGUAGE_VERSION}, not {show(number)}"
        reader.error("bad-value", message, version.span)


def _inputs(reader: Reader, value: Value | None) -> dict[str, Input]:
    """The inputs of a document, in order."""
    inputs: dict[str, Input] = {}
    if not isinstance(value, Mapping):
        return inputs
    if not value.items:
        reader.error("bad-value", "`inputs` names no input", value.span)
    for name, node in value.items.items():
        key = value.keys[name]
        if isinstance(node, Mapping):
            fields = reader.fields(node)
        else:
            fields = {"shape": read_field(key, node, reader.report)}
        reader.apply(InputModel, fields, key.span)
        shape = fields.get("shape") or Field(key, node, None)
        dtype = text_of(fields, "dtype") or "float32"
        phase = text_of(fields, "phase")
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
        blocks[name] = read_block(reader, name, body, key)
    variables = top.get("vars")
    if "layers" in fields and fields["layers"].compiled == []:
        reader.error("bad-value", "`layers` lists no layer", fields["layers"].span)
    return Document(
        name=text_of(fields, "name") or "",
        source_text=files[0],
        about=About(**_about(fields)),
        inputs=_inputs(reader, top.get("inputs")),
        vars=_named(variables, reader),
        variants={
            name: _variant(reader, key, body)
            for name, (key, body) in _mappings(top, "variants").items()
        },
        blocks=blocks,
        layers=read_entries(reader, top.get("layers")),
        outputs=fields.get("outputs"),
        state_order=fields.get("state_order"),
        requirements=read_requirements(reader, top),
        expect=top.get(EXPECT),
        allow=codes_of(fields),
        files=files,
        top=top,
        complete=complete,
    )


def _check_name(fields: dict[str, Field], reader: Reader) -> None:
    """The network's name becomes that of a class."""
    name = text_of(fields, "name")
    if name is not None and not is_identifier(name):
        message = "the network's name becomes that of a class: letters, digits and `_`"
        reader.error("bad-name", message, fields["name"].span, identifier_like(name))


def _variant(reader: Reader, key: Scalar, body: Mapping) -> Variant:
    fields = reader.fields(body, frozenset(VARIANT_KEYS), plain=True)
    said = {name: each for name, each in fields.items() if name in VARIANT_KEYS}
    reader.apply(VariantModel, said, key.span)
    about = {name: each for name, each in said.items() if name in ABOUT_KEYS}
    variables = {name: each for name, each in fields.items() if name not in VARIANT_KEYS}
    return Variant(key=key, about=_about(about), vars=variables, expect=body.get(EXPECT))


def _about(fields: dict[str, Field]) -> dict[str, Any]:
    """What is said by the keys of About; a value of a wrong type has been reported."""
    found: dict[str, Any] = {
        name: text_of(fields, name) for name in ("doc", "source", "task") if name in fields
    }
    if "year" in fields:
        year = fields["year"].compiled
        found["year"] = year if type(year) is int else None
    return found


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
