"""Fields: values of a spec whose expressions are read but not yet evaluated."""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from netspec.diagnostics import Diagnostic, Span
from netspec.expressions import Environment, EvaluatedValue, ExpressionError, parse_template
from netspec.expressions.template import Template
from netspec.quick import frozen
from netspec.source import Mapping, Scalar, Sequence, Value

Report = Callable[[Diagnostic], None]


@frozen
class Dynamic:
    """What expressions give, and where they stand: mostly a string that holds them."""

    node: Value
    template: Template


class PlacedList(list[Any]):
    """A list that knows where the text has it, wherever its value goes."""

    __slots__ = ("node",)

    def __init__(self, items: Iterable[Any], node: Sequence) -> None:
        super().__init__(items)
        self.node = node


class PlacedMapping(dict[str, Any]):
    """A mapping that knows where the text has it, wherever its value goes."""

    __slots__ = ("node",)

    def __init__(self, items: dict[str, Any], node: Mapping) -> None:
        super().__init__(items)
        self.node = node


def unplaced(value: Any) -> Any:
    """The value without its place: lists and mappings are Python's own."""
    if isinstance(value, list):
        return [unplaced(item) for item in value]
    if isinstance(value, dict):
        return {name: unplaced(item) for name, item in value.items()}
    return value


Compiled: TypeAlias = Any
"""Plain values, in which Dynamic stands for the strings that hold expressions."""

BROKEN = object()
"""What a value is that can't be read; its mistake has been reported."""


@frozen
class Field:
    """A key's value: its text, its place, and what it is once its expressions have values.

    `names` are those that its expressions read; `dynamic` says whether its value comes later.
    """

    key: Scalar | None
    node: Value
    compiled: Compiled
    names: frozenset[str] = frozenset()
    dynamic: bool = False

    @property
    def span(self) -> Span:
        return self.node.span

    @property
    def key_span(self) -> Span:
        """The key's place; the value's where the value has no key of its own."""
        return (self.key or self.node).span

    @property
    def broken(self) -> bool:
        return self.compiled is BROKEN

    def evaluate(self, environment: Environment) -> EvaluatedValue:
        """The value; PlacedError where an expression has none."""
        if not self.dynamic:
            return self.compiled
        if self.broken:
            raise PlacedError(None)
        return _evaluate(self.compiled, environment)


def spoken(field: Field, environment: Environment) -> str:
    """A field's text for a reader, with the values that it speaks of."""
    if not isinstance(field.compiled, Dynamic):
        return str(field.compiled)
    try:
        return field.compiled.template.spoken(environment)
    except ExpressionError as error:
        raise PlacedError(placed(error, field.compiled.node)) from None


class PlacedError(Exception):
    """A diagnostic on its way to whoever knows the chain of blocks; None: already reported."""

    def __init__(self, diagnostic: Diagnostic | None) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic


def read_field(key: Scalar | None, node: Value, report: Report) -> Field:
    """A key's value with its expressions read; a broken field, and a report, where one can't be."""
    if isinstance(node, Scalar):
        value = node.value
        if value is not None and (not isinstance(value, str) or "$" not in value):
            return Field(key, node, value)
    found: set[str] = set()
    try:
        compiled = _compile(key, node, found)
    except PlacedError as error:
        assert error.diagnostic is not None
        report(error.diagnostic)
        return Field(key, node, BROKEN, dynamic=True)
    return Field(key, node, compiled, frozenset(found), _is_dynamic(compiled))


def literal_field(key: Scalar | None, node: Value) -> Field:
    """A key whose value is never expanded: `doc`, `source`."""
    return Field(key, node, node.plain())


def no_value(key: Scalar | None, node: Value) -> Diagnostic:
    """The diagnostic for a null."""
    name = f"`{key.text}`" if key is not None else "this"
    return Diagnostic("wrong-type", f"{name} has no value", node.span)


def _compile(key: Scalar | None, node: Value, names: set[str]) -> Compiled:
    if isinstance(node, Mapping):
        keys = node.keys
        items = {name: _compile(keys[name], each, names) for name, each in node.items.items()}
        return PlacedMapping(items, node)
    if isinstance(node, Sequence):
        return PlacedList([_compile(key, item, names) for item in node.items], node)
    if node.value is None:
        raise PlacedError(no_value(key, node))
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


def placed(error: ExpressionError, node: Value) -> Diagnostic:
    """The diagnostic for an expression's error, at its place in the text."""
    start, end = error.start, max(error.end, error.start + 1)
    span = node.part(start, end) if isinstance(node, Scalar) else node.span
    return Diagnostic(error.code, error.message, span, help=error.help)


def _is_dynamic(compiled: Compiled) -> bool:
    if isinstance(compiled, list):
        return any(_is_dynamic(item) for item in compiled)
    if isinstance(compiled, dict):
        return any(_is_dynamic(item) for item in compiled.values())
    return isinstance(compiled, Dynamic)


def _evaluate(compiled: Compiled, environment: Environment) -> EvaluatedValue:
    if isinstance(compiled, Dynamic):
        try:
            return compiled.template.evaluate(environment)
        except ExpressionError as error:
            raise PlacedError(placed(error, compiled.node)) from None
    if isinstance(compiled, PlacedList):
        environment.spend(len(compiled))
        return PlacedList([_evaluate(item, environment) for item in compiled], compiled.node)
    if isinstance(compiled, PlacedMapping):
        environment.spend(len(compiled))
        items = {key: _evaluate(item, environment) for key, item in compiled.items()}
        return PlacedMapping(items, compiled.node)
    return compiled
