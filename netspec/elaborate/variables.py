"""Vars, variants and overrides."""

from collections.abc import Collection, Mapping
from typing import Any

from netspec.diagnostics import Diagnostics, SourceText, Span, SpecError
from netspec.diagnostics.suggest import did_you_mean
from netspec.elaborate.budget import TOO_MUCH_WORK, Budget, TooLarge
from netspec.elaborate.poison import FAILED, Poisoned
from netspec.expressions import EvaluatedValue, ExpressionError
from netspec.expressions.syntax import MAX_INTEGER
from netspec.expressions.values import MAX_LENGTH
from netspec.graph.written import Formulas
from netspec.language.document import Document
from netspec.language.formulas import formulas
from netspec.language.keys import VARIANT_KEYS
from netspec.language.validate import show
from netspec.language.values import Field, PlacedError
from netspec.listed import listed
from netspec.source import Scalar, read


def read_override(name: str, text: str, diagnostics: Diagnostics) -> Any:
    """The value of `--set NAME=VALUE`, read as YAML."""
    source = SourceText(f"--set {name}", text)
    try:
        return read(source, diagnostics).plain()
    except SpecError as error:
        diagnostics.extend(error.diagnostics)
        return None


def _override(name: str, value: Any, diagnostics: Diagnostics) -> Field | None:
    """A field for a var's value that comes from outside the text."""
    if not _is_plain(value):
        rule = "a var is a number, a boolean, text, a list or a mapping"
        diagnostics.error("wrong-type", f"`{name}` can't be set to {show(value)}: {rule}")
        return None
    source = SourceText(f"--set {name}", show(value))
    end = len(source.text) + 1
    return Field(None, Scalar(None, False, source, 1, 1, 1, end, source.text), value)


def _is_plain(value: Any) -> bool:
    """Whether a value is one that a spec could have."""
    if isinstance(value, list):
        return len(value) <= MAX_LENGTH and all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(type(name) is str for name in value) and _is_plain([*value.values()])
    if type(value) is int:
        return abs(value) <= MAX_INTEGER
    if type(value) is str:
        return len(value) <= MAX_LENGTH
    return type(value) in (bool, float)


class Variables:
    """The values of a document's vars in one variant, under overrides."""

    def __init__(
        self,
        document: Document,
        variant: str | None,
        overrides: Mapping[str, Any],
        diagnostics: Diagnostics,
        record: set[tuple[str, str]],
        budget: Budget,
    ) -> None:
        self.document = document
        self.variant = variant
        self.diagnostics = diagnostics
        self.record = record
        self.budget = budget
        self.place: Span | None = None
        self.values: dict[str, Any] = {}
        self.said = self._fields(variant, overrides)
        self._evaluate(self.said)

    @property
    def formulas(self) -> Formulas:
        """The expressions that give the vars their values."""
        return formulas(self.said)

    @property
    def levels(self) -> tuple[Mapping[str, Field], ...]:
        """The vars by who sets them: overrides, the variant, the file."""
        own = self.document.vars
        of_variant = self.document.variants[self.variant].vars if self.variant else {}
        found: tuple[dict[str, Field], ...] = ({}, {}, {})
        for name, each in self.said.items():
            number = 2 if each is own[name] else 1 if each is of_variant.get(name) else 0
            found[number][name] = each
        return found

    def _fields(self, variant: str | None, overrides: Mapping[str, Any]) -> dict[str, Field]:
        fields = dict(self.document.vars)
        for name, each in (self.document.variants[variant].vars if variant else {}).items():
            if name in fields:
                fields[name] = each
            else:
                what = f"no var is called `{name}`"
                self._unknown(name, what, each.key_span, (*self.document.vars, *VARIANT_KEYS))
        for name, value in overrides.items():
            if name in fields:
                fields[name] = _override(name, value, self.diagnostics) or fields[name]
            else:
                message = f"{self.document.source_text.name} has no var `{name}` to set"
                self._unknown(name, message, None, self.document.vars)
        return fields

    def _unknown(self, name: str, message: str, span: Span | None, known: Collection[str]) -> None:
        """`known` are the names that it may be a misspelling of."""
        help = did_you_mean(name, known)
        if help is None and self.document.vars:
            help = f"its vars are {listed([f'`{each}`' for each in self.document.vars])}"
        self.diagnostics.error("unknown-var", message, span, help=help)

    def _evaluate(self, fields: dict[str, Field]) -> None:
        for name, each in fields.items():
            self.place = each.span
            self.spend(1)
            try:
                self.values[name] = each.evaluate(self)
            except PlacedError as error:
                self.values[name] = FAILED
                if error.diagnostic is not None:
                    self.diagnostics.add(error.diagnostic)
            except Poisoned:
                self.values[name] = FAILED

    def spend(self, steps: int) -> None:
        """Count the work of expressions; TooLarge, and a report, where it's too much."""
        if not self.budget.covers_work(steps):
            self.diagnostics.error("too-large", TOO_MUCH_WORK, self.place)
            raise TooLarge

    def value(self, name: str) -> EvaluatedValue:
        """A var's value; a var sees those above it."""
        self.record.add(("var", name))
        if name in self.values:
            if self.values[name] is FAILED:
                raise Poisoned
            return self.values[name]
        below = name in self.document.vars
        message = f"`{name}` stands further down" if below else f"no var is called `{name}`"
        help = None if below else did_you_mean(name, self.document.vars)
        raise ExpressionError("unknown-name", message, help=help)
