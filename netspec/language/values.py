"""Fields: values of a spec whose expressions are read but not yet evaluated."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from netspec.diagnostics import Diagnostic, Span
from netspec.expressions import EvaluatedValue, ExpressionError, Template, parse_template
from netspec.expressions.evaluate import Lookup
from netspec.source import Mapping, Scalar, Sequence, Value

Report = Callable[[Diagnostic], None]


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A string that holds expressions, and where it stands."""

    node: Scalar
    template: Template


Compiled: TypeAlias = Any
"""Plain values, in which Dynamic stands for the strings that hold expressions."""


@dataclass(frozen=True, slots=True)
class Field:
    """A key's value: its text, its place, and what it is once its expressions have values.

    `names` are those that its expressions read; `dynamic` says whether it has any expression.
    """

    key: Scalar | None
    node: Value
    compiled: Compiled
    names: frozenset[str] = frozenset()
    dynamic: bool = False

    @property
    def span(self) -> Span:
        return self.node.span

    def evaluate(self, lookup: Lookup) -> EvaluatedValue:
        """The value; PlacedError where an expression has none."""
        if not self.dynamic:
            return self.compiled
        return _evaluate(self.compiled, lookup)


class PlacedError(Exception):
    """A diagnostic on its way to whoever knows the chain of blocks; None: already reported."""

    def __init__(self, diagnostic: Diagnostic | None) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic


def read_field(key: Scalar | None, node: Value, report: Report) -> Field | None:
    """A key's value with its expressions read; None, and a report, where one can't be."""
    if isinstance(node, Scalar) and (not isinstance(node.value, str) or "$" not in node.value):
        return Field(key, node, node.value)
    found: set[str] = set()
    try:
        compiled = _compile(node, found)
    except PlacedError as error:
        assert error.diagnostic is not None
        report(error.diagnostic)
        return None
    return Field(key, node, compiled, frozenset(found), _is_dynamic(compiled))


def literal_field(key: Scalar | None, node: Value) -> Field:
    """A key whose value is never expanded: `doc`, `source`."""
    return Field(key, node, node.plain())


def _compile(node: Value, names: set[str]) -> Compiled:
    if isinstance(node, Mapping):
        return {key: _compile(value, names) for key, value in node.items.items()}
    if isinstance(node, Sequence):
        return [_compile(item, names) for item in node.items]
    if not isinstance(node.value, str) or "$" not in node.value:
        return node.value
    try:
        template = parse_template(node.value)
    except ExpressionError as error:
        raise PlacedError(placed(error, node)) from None
    if isinstance(template, str):
        return template
    names |= template.names
    return Dynamic(node, template)


def placed(error: ExpressionError, node: Scalar) -> Diagnostic:
    """The diagnostic for an expression's error, at its place in the text."""
    start, end = error.start, max(error.end, error.start + 1)
    span = node.part(start, end)
    return Diagnostic(error.code, error.message, span, help=error.help)


def _is_dynamic(compiled: Compiled) -> bool:
    if isinstance(compiled, list):
        return any(_is_dynamic(item) for item in compiled)
    if isinstance(compiled, dict):
        return any(_is_dynamic(item) for item in compiled.values())
    return isinstance(compiled, Dynamic)


def _evaluate(compiled: Compiled, lookup: Lookup) -> EvaluatedValue:
    if isinstance(compiled, Dynamic):
        try:
            return compiled.template.evaluate(lookup)
        except ExpressionError as error:
            raise PlacedError(placed(error, compiled.node)) from None
    if isinstance(compiled, list):
        return [_evaluate(item, lookup) for item in compiled]
    if isinstance(compiled, dict):
        return {key: _evaluate(item, lookup) for key, item in compiled.items()}
    return compiled
