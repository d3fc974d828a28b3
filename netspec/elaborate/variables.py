"""Vars, variants and overrides; the shapes of the inputs."""

import re
from collections.abc import Mapping
from typing import Any

from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, SpecError
from netspec.diagnostics.suggest import did_you_mean
from netspec.elaborate.values import UNKNOWN
from netspec.expressions import ExpressionError
from netspec.graph import Blob, Phase, Shape, Size, SymbolicSize, TensorType
from netspec.graph.sizes import symbol
from netspec.language.document import Document, Input
from netspec.language.names import is_identifier
from netspec.language.values import Field, PlacedError
from netspec.layers.fields import MAX_SIZE
from netspec.source import Scalar, Sequence, read

_SYMBOL = re.compile(r"[A-Z][A-Z0-9_]*\Z")


def read_override(name: str, text: str, diagnostics: Diagnostics) -> Any:
    """The value of `--set NAME=VALUE`, read as YAML."""
    source = SourceText(f"--set {name}", text)
    try:
        return read(source, diagnostics).plain()
    except SpecError as error:
        diagnostics.extend(error.diagnostics)
        return None


def override_field(name: str, value: Any) -> Field:
    """A field for a value that comes from outside the text."""
    source = SourceText(f"--set {name}", str(value))
    if isinstance(value, tuple):
        value = list(value)
    return Field(None, Scalar(str(value), False, source, 1, 1, 1, len(str(value)) + 1), value)


class Variables:
    """The values of a document's vars in one variant, under overrides."""

    def __init__(
        self,
        document: Document,
        variant: str | None,
        overrides: Mapping[str, Any],
        diagnostics: Diagnostics,
        record: set[tuple[str, str]],
    ) -> None:
        self.document = document
        self.diagnostics = diagnostics
        self.record = record
        self.values: dict[str, Any] = {}
        self._evaluate(self._fields(variant, overrides))

    def _fields(self, variant: str | None, overrides: Mapping[str, Any]) -> dict[str, Field]:
        fields = dict(self.document.vars)
        for name, each in (self.document.variants[variant] if variant else {}).items():
            if name in fields:
                fields[name] = each
            else:
                span = each.key.span if each.key is not None else None
                self._unknown(name, Diagnostic("unknown-var", f"no var is called `{name}`", span))
        for name, value in overrides.items():
            if name in fields:
                fields[name] = override_field(name, value)
            else:
                message = f"{self.document.source_text.name} has no var `{name}` to set"
                self._unknown(name, Diagnostic("unknown-var", message))
        return fields

    def _unknown(self, name: str, diagnostic: Diagnostic) -> None:
        help = did_you_mean(name, self.document.vars)
        if help is None and self.document.vars:
            help = f"its vars are {', '.join(f'`{each}`' for each in self.document.vars)}"
        code, message, span = diagnostic.code, diagnostic.message, diagnostic.span
        self.diagnostics.error(code, message, span, help=help)

    def _evaluate(self, fields: dict[str, Field]) -> None:
        for name, each in fields.items():
            if not is_identifier(name):
                message = "the name of a var is an identifier"
                span = each.key.span if each.key is not None else None
                self.diagnostics.error("bad-name", message, span)
            if each.compiled is None:
                self.diagnostics.error("wrong-type", f"`{name}` has no value", each.span)
                continue
            try:
                self.values[name] = each.evaluate(self.lookup)
            except PlacedError as error:
                if error.diagnostic is not None:
                    self.diagnostics.add(error.diagnostic)

    def lookup(self, name: str) -> Any:
        """A var's value; a var sees those above it."""
        self.record.add(("var", name))
        if name in self.values:
            return self.values[name]
        below = name in self.document.vars
        message = f"`{name}` stands further down" if below else f"no var is called `{name}`"
        help = None if below else did_you_mean(name, self.document.vars)
        raise ExpressionError("unknown-name", message, help=help)


def input_blobs(
    document: Document,
    variables: Variables,
    overrides: Mapping[str, Any],
    diagnostics: Diagnostics,
) -> dict[str, Blob]:
    """The network's inputs with their shapes."""
    for name in overrides:
        if name not in document.inputs:
            help = did_you_mean(name, document.inputs)
            help = help or f"its inputs are {', '.join(f'`{each}`' for each in document.inputs)}"
            message = f"{document.source_text.name} has no input `{name}`"
            diagnostics.error("unknown-var", message, help=help)
    return {
        name: Blob(
            name,
            _input_type(each, variables, overrides.get(name), diagnostics),
            Phase(each.phase) if each.phase in list(Phase) else None,
        )
        for name, each in document.inputs.items()
    }


def _input_type(
    each: Input, variables: Variables, override: Any, diagnostics: Diagnostics
) -> TensorType:
    if override is not None:
        sizes, span = list(override), None
    else:
        span = each.shape.span
        try:
            sizes = each.shape.evaluate(variables.lookup)
        except PlacedError as error:
            if error.diagnostic is not None:
                diagnostics.add(error.diagnostic)
            return UNKNOWN
    if not isinstance(sizes, list):
        diagnostics.error("wrong-type", "a shape is a list of sizes", span)
        return UNKNOWN
    shape: list[Size] = []
    for number, size in enumerate(sizes):
        made = _size(size)
        if made is None:
            place = span
            if override is None and isinstance(each.shape.node, Sequence):
                place = each.shape.node.items[number].span
            message = f"a size is a positive integer or an upper-case word, not {size!r}"
            diagnostics.error("bad-value", message, place)
            return UNKNOWN
        shape.append(made)
    return TensorType(Shape(tuple(shape)), each.dtype)


def _size(value: Any) -> Size | None:
    if isinstance(value, SymbolicSize):
        return value
    if type(value) is int and 1 <= value <= MAX_SIZE:
        return value
    if isinstance(value, str) and _SYMBOL.match(value) and len(value) <= 32:
        return symbol(value)
    return None


def parse_shape(text: str) -> list[int | str] | None:
    """The sizes of `1x3x320x320` or `Nx3xHxW`; None where the text is no shape."""
    sizes = [int(part) if part.isdecimal() else part for part in text.split("x")]
    good = all(_size(size) is not None for size in sizes)
    return sizes if good else None


