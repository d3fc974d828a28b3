"""What all parts of one elaboration share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from netspec.counted import counted
from netspec.diagnostics import Diagnostic, Diagnostics, Severity, Span
from netspec.elaborate.budget import (
    MANY_ENTRIES,
    MAX_ENTRIES,
    MAX_LAYERS,
    MAX_READS,
    TOO_MUCH_WORK,
    Budget,
    TooLarge,
)
from netspec.elaborate.fields import KnownTypes
from netspec.elaborate.lookup import BindingView, value_of
from netspec.elaborate.minimum import Counter
from netspec.elaborate.originals import Item, Originals, layers
from netspec.elaborate.poison import FAILED, Poisoned
from netspec.elaborate.scope import Frame, Meant, Scope
from netspec.elaborate.usage import Usage
from netspec.expressions import Environment, EvaluatedValue, ExpressionError, HasProperties, kind
from netspec.graph import Blob, Node, Parameter, Phase, Size
from netspec.graph.bounds import Decision, Values, positive
from netspec.graph.lowest import Lowest
from netspec.language.document import Block, Document
from netspec.language.values import Field, PlacedError

WORK_PER_DECISION = 5_000
"""What it counts to decide whether a symbolic size suffices."""
MAX_NOTES = 8

WIRING = frozenset(
    (
        "unknown-name",
        "no-bottom",
        "bottom-count",
        "same-bottom",
        "chained-branches",
        "phase-mismatch",
        "missing-outputs",
    )
)
"""Mistakes behind which nobody knows what was to be read, so that nothing can be called unread."""


class Placed(Protocol):
    """What has a place in the text."""

    @property
    def span(self) -> Span: ...


@dataclass(slots=True, eq=False)
class Share:
    """A sharing name: the parameter that bore it first, where, and how many bear it."""

    parameter: Parameter
    phase: Phase | None
    place: Placed
    allowed: bool
    count: int = 1


@dataclass(kw_only=True)
class Context:
    """The document, what is known of its types, and what has been built so far.

    `items` are the layers so far, and instances of blocks whose layers are yet to be made;
    `originals` are those that others may be copies of, where `copying` allows that; `meant` is what
    entries mean in every turn of their repeats. `integers` are the least and the greatest that
    blobs are known to hold, by their names. `unique` counts what has been done that each instance
    of a block does for itself.
    """

    document: Document
    types: KnownTypes
    diagnostics: Diagnostics
    usage: Usage
    budget: Budget
    variables: dict[str, Any]
    places: Mapping[int, int]
    variant: str | None = None
    batch: Size = 1
    copying: bool = True
    originals: Originals = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    meant: dict[int, Meant] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    shares: dict[str, Share] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    integers: dict[str, tuple[int, int]] = field(default_factory=dict)
    losses: dict[str, float] = field(default_factory=dict)
    lowest: Lowest = field(default_factory=Lowest)
    sized: set[Size] = field(default_factory=set)
    decided: dict[tuple[Size, frozenset[tuple[str, int]]], Decision] = field(default_factory=dict)
    unique: int = 0
    _nodes: list[Node] = field(default_factory=list)
    _looked_at: int = 0
    _vars_of: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def vars_of(self, block: Block) -> tuple[str, ...]:
        """The values, as text, of the vars that a block may read."""
        known = self._vars_of.get(block.name)
        if known is None:
            values = [self.variables[name] for name in sorted(self.types.vars_of(block))]
            known = self._vars_of[block.name] = tuple(map(repr, values))
        return known

    def error(
        self, code: str, message: str, placed: Placed, scope: Scope, *, help: str | None = None
    ) -> PlacedError:
        """An error to raise, with the chain of blocks that led there."""
        if code in WIRING:
            self.usage.certain = False
        return PlacedError(Diagnostic(code, message, placed.span, None, help, self.notes(scope)))

    def notes(self, scope: Scope) -> tuple[str, ...]:
        """The chain of blocks that led to a scope, innermost first, and the variant."""
        notes: list[str] = [use.note for use in scope.chain]
        if len(notes) > MAX_NOTES:
            more = f"… and {counted(len(notes) - MAX_NOTES, 'more block')} between"
            notes[MAX_NOTES // 2 : -MAX_NOTES // 2] = [more]
        return tuple(notes) if self.variant is None else (*notes, f"in variant {self.variant}")

    def report(self, error: PlacedError, scope: Scope, path: str | None = None) -> None:
        """Put an error into the report; one that was reported already is dropped."""
        found = error.diagnostic
        if found is not None:
            notes = found.notes or self.notes(scope)
            self.diagnostics.add(
                Diagnostic(found.code, found.message, found.span, path, found.help, notes)
            )

    def warn(
        self,
        code: str,
        message: str,
        placed: Placed,
        scope: Scope,
        path: str,
        help: str | None = None,
    ) -> None:
        """Put a warning into the report unless `allow` silences it there."""
        if code not in scope.allow:
            notes = self.notes(scope)
            self.diagnostics.add(
                Diagnostic(code, message, placed.span, path, help, notes, Severity.WARNING)
            )

    def evaluate(self, each: Field, scope: Scope, view: Environment | None = None) -> Any:
        """A field's value as an entry of the scope sees it, or by a view of its own; PlacedError
        where it has none.
        """
        if not each.dynamic:
            return each.compiled
        try:
            value = each.evaluate(view or View(self, scope, each))
        except Poisoned:
            raise PlacedError(None) from None
        if _holds_blob(value):
            message = "a value is a number, a boolean, text or a list, not a blob"
            help = "ask it for a size: `x.channels`; `bottom` takes its name without `$`"
            raise self.error("expression-type", message, each, scope, help=help)
        return value

    def decide(self, size: Size, bottoms: Sequence[Blob], placed: Placed) -> Decision:
        """Whether a size is 1 or more for all values of its symbols at which bottoms are."""
        self.unique += 1
        lowest = self.lowest_at(bottoms)
        key = (size, frozenset(lowest.items()))
        if key not in self.decided:
            self.spend(WORK_PER_DECISION, placed)
            self.decided[key] = positive(size, lowest)
        return self.decided[key]

    def lowest_at(self, bottoms: Sequence[Blob]) -> Values:
        """The least values of symbols that bottoms can be computed at."""
        self._nodes += layers(self.items[self._looked_at :])
        self._looked_at = len(self.items)
        return self.lowest.of(self._nodes, bottoms)

    def spend(self, steps: int, placed: Placed) -> None:
        """Count steps of work against what a network of so many entries may take."""
        if not self.budget.covers_work(steps):
            self.too_large(TOO_MUCH_WORK, placed)

    def step(self, placed: Placed) -> None:
        """Count an instance of an entry, there or not, against the limit."""
        self.budget.entries += 1
        count = self.budget.entries - self.budget.done
        if count > MAX_ENTRIES or (count == MANY_ENTRIES and self._is_hopeless()):
            self.too_many(placed)

    def read(self, blobs: int, placed: Placed) -> None:
        """Count blobs that an entry reads against the limit."""
        if not self.budget.covers_reads(blobs):
            self.too_large(f"the layers read more than {MAX_READS:,} blobs together", placed)

    def write(self, characters: int, placed: Placed, names: int = 0) -> None:
        """Count characters that every target will write against the limit, those of so many paths
        and names of blobs among them.
        """
        if not self.budget.covers_text(characters, names):
            message = "the names, docs and formulas of all layers come to too much text"
            self.too_large(message, placed)

    def _is_hopeless(self) -> bool:
        """Whether it is certain from the text that there are too many layers."""
        counter = Counter(self.types, self.variables)
        return counter.count(self.document.layers, self.variables) > MAX_LAYERS

    def finish(self) -> None:
        """Let go of what names stand for, which holds itself in circles."""
        for frame in self.frames:
            frame.names.clear()

    def too_many(self, placed: Placed) -> None:
        """Refuse a network of too many layers."""
        self.too_large(f"the network has more than {MAX_LAYERS:,} layers", placed)

    def too_large(self, message: str, placed: Placed) -> None:
        """Refuse a network that is over a limit."""
        self.diagnostics.error("too-large", message, placed.span)
        raise TooLarge

    def too_deep(self, message: str, placed: Placed, scope: Scope) -> None:
        """Refuse a network that is nested beyond a limit."""
        help = "a block that contains itself needs a `when` that becomes false"
        self.diagnostics.error("too-deep", message, placed.span, help=help, notes=self.notes(scope))
        raise TooLarge

    def unresolved(self, error: ExpressionError, placed: Placed, scope: Scope) -> PlacedError:
        """An error of name resolution, at the place of the name."""
        return self.error(error.code, error.message, placed, scope, help=error.help)


class View:
    """What an expression of a field sees."""

    __slots__ = ("context", "placed", "scope")

    def __init__(self, context: Context, scope: Scope, placed: Placed) -> None:
        self.context = context
        self.scope = scope
        self.placed = placed

    def value(self, name: str) -> EvaluatedValue:
        value = value_of(self.scope, name, self.context.usage.values_read)
        if value is FAILED:
            raise Poisoned
        if isinstance(value, BindingView):
            # Who asks for the size of an input has a use for it.
            self.context.usage.inputs_read.update(blob.name for blob in value.binding.blobs)
        return value

    def spend(self, steps: int) -> None:
        if not self.context.budget.covers_work(steps):
            self.context.too_large(TOO_MUCH_WORK, self.placed)


_PLAIN = frozenset((int, str, bool, float))


def _holds_blob(value: Any) -> bool:
    if type(value) in _PLAIN:
        return False
    if isinstance(value, list):
        return any(_holds_blob(item) for item in value)
    if isinstance(value, dict):
        return any(_holds_blob(item) for item in value.values())
    return isinstance(value, HasProperties)


def shown(value: Any) -> str:
    """A value of the wrong type as a message has it."""
    return repr(value) if isinstance(value, str) and len(value) <= 60 else kind(value)
