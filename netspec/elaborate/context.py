"""What all parts of one elaboration share."""

from dataclasses import dataclass, field
from typing import Any

from netspec.diagnostics import Diagnostic, Diagnostics, Severity, Span
from netspec.elaborate.fields import Types
from netspec.elaborate.scope import Scope
from netspec.elaborate.usage import Usage
from netspec.elaborate.values import Binding, BindingView, Poisoned
from netspec.expressions import ExpressionError, HasProperties, kind
from netspec.graph import Node, Parameter, Size
from netspec.language.document import Document
from netspec.language.values import Field, PlacedError

MAX_LAYERS = 100_000
MAX_SCOPES = 64


class TooLarge(Exception):
    """The network is over a limit; elaboration ends here."""


@dataclass(slots=True)
class Share:
    """A sharing name: the parameter that bore it first, where, and how many bear it."""

    parameter: Parameter
    span: Span
    allowed: bool
    count: int = 1


@dataclass
class Context:
    """The document, what is known of its types, and what has been built so far."""

    document: Document
    types: Types
    diagnostics: Diagnostics
    usage: Usage
    variables: dict[str, Any]
    batch: Size = 1
    nodes: list[Node] = field(default_factory=list)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    shares: dict[str, Share] = field(default_factory=dict)
    steps: int = 0
    minimum_layers: dict[str, int] = field(default_factory=dict)

    def error(
        self, code: str, message: str, span: Span, scope: Scope, *, help: str | None = None
    ) -> PlacedError:
        """An error to raise, with the chain of blocks that led there."""
        return PlacedError(Diagnostic(code, message, span, None, help, scope.chain))

    def report(self, error: PlacedError, scope: Scope, path: str | None = None) -> None:
        """Put an error into the report; one that was reported already is dropped."""
        found = error.diagnostic
        if found is not None:
            notes = found.notes or scope.chain
            self.diagnostics.add(
                Diagnostic(found.code, found.message, found.span, path, found.help, notes)
            )

    def warn(
        self, code: str, message: str, span: Span, scope: Scope, path: str, help: str | None = None
    ) -> None:
        """Put a warning into the report unless `allow` silences it there."""
        if code in scope.allow:
            return
        self.diagnostics.add(
            Diagnostic(code, message, span, path, help, scope.chain, Severity.WARNING)
        )

    def evaluate(self, each: Field, scope: Scope) -> Any:
        """A field's value as an entry of the scope sees it; PlacedError where it has none."""
        if not each.dynamic:
            return each.compiled
        try:
            value = each.evaluate(lambda name: self._lookup(name, scope))
        except Poisoned:
            raise PlacedError(None) from None
        if isinstance(value, HasProperties):
            message = f"a value is a number, a boolean, text or a list, not {kind(value)}"
            help = "ask it for a size: `x.channels`; `bottom` takes its name without `$`"
            raise self.error("expression-type", message, each.span, scope, help=help)
        return value

    def _lookup(self, name: str, scope: Scope) -> Any:
        if name == "previous":
            return BindingView(name, Binding(scope.frame.previous))
        return scope.value(name, self.usage.values_read)

    def step(self, span: Span) -> None:
        """Count an instance of an entry, there or not, against the limit."""
        self.steps += 1
        if self.steps > 2 * MAX_LAYERS:
            self.too_large(span)

    def too_large(self, span: Span) -> None:
        """Refuse a network of too many layers."""
        message = f"the network has more than {MAX_LAYERS:,} layers"
        self.diagnostics.error("too-large", message, span)
        raise TooLarge

    def placed(self, error: ExpressionError, span: Span, scope: Scope) -> PlacedError:
        """An error of name resolution, at the place of the name."""
        return self.error(error.code, error.message, span, scope, help=error.help)
