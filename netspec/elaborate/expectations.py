"""`expect`: the statements that hold of a network, with the values of its vars."""

from collections.abc import Mapping
from typing import Any

from netspec.diagnostics import Diagnostics
from netspec.diagnostics.suggest import did_you_mean
from netspec.elaborate.budget import TOO_MUCH_WORK, Budget
from netspec.expressions import EvaluatedValue, ExpressionError
from netspec.language.document import Document
from netspec.language.expectations import Expectation, Statement, expectation
from netspec.language.reading.expectations import read_expectations
from netspec.language.reading.fields import Reader
from netspec.language.values import Field, PlacedError

MAX_STATEMENTS = 10_000
MAX_JUDGED = 100_000
"""Statements of all variants together."""


class Expectations:
    """What a document expects of its variants. Mistakes of form go to `diagnostics` at once.

    What a variant says of a figure stands in place of what the file says of it.
    """

    def __init__(self, document: Document, diagnostics: Diagnostics, budget: Budget) -> None:
        self.diagnostics = diagnostics
        self.budget = budget
        self.judged = 0
        reader = Reader(diagnostics)
        self.own = read_expectations(reader, document.expect)
        self.of_variants = {
            name: read_expectations(reader, each.expect) for name, each in document.variants.items()
        }

        every = [each for said in (self.own, *self.of_variants.values()) for each in said]
        if len(every) > MAX_STATEMENTS:
            message = f"a spec expects more than {MAX_STATEMENTS:,} things"
            diagnostics.error("too-large", message, every[0].key.span)
            self.own, self.of_variants, every = (), dict.fromkeys(self.of_variants, ()), []
        known = (each for each in every if not each.dynamic)
        self._known = {id(each): self._with_values(each, _Values({}, budget)) for each in known}

    @property
    def names(self) -> frozenset[str]:
        """The names that expressions in them read."""
        every = (self.own, *self.of_variants.values())
        return frozenset().union(*(each.names for said in every for each in said))

    def of(self, variant: str | None, variables: Mapping[str, Any]) -> list[Expectation]:
        """Those of a variant with its vars' values; what is wrong with one has been reported."""
        said = self.of_variants[variant] if variant is not None else ()
        replaced = {each.figure for each in said}
        kept = [each for each in self.own if each.figure not in replaced]
        self.judged += len(kept) + len(said)
        if self.judged > MAX_JUDGED:
            first = (*kept, *said)[0]
            message = "more is expected, of all variants together, than can be judged"
            self.diagnostics.error("too-large", message, first.key.span)
            return []
        values = _Values(variables, self.budget)
        found = (
            self._with_values(each, values) if each.dynamic else self._known[id(each)]
            for each in (*kept, *said)
        )
        return [each for each in found if each is not None]

    def _with_values(self, statement: Statement, values: "_Values") -> Expectation | None:
        def evaluate(field: Field) -> EvaluatedValue:
            return field.evaluate(values)

        try:
            values.spend(1)
            return expectation(statement, evaluate)
        except PlacedError as error:
            if error.diagnostic is not None:
                self.diagnostics.add(error.diagnostic)
        except ExpressionError as error:
            self.diagnostics.error(error.code, error.message, statement.key.span)
        return None


class _Values:
    """What expressions see in an `expect`: vars."""

    def __init__(self, variables: Mapping[str, Any], budget: Budget) -> None:
        self.variables = variables
        self.budget = budget

    def value(self, name: str) -> EvaluatedValue:
        if name in self.variables:
            return self.variables[name]
        help = did_you_mean(name, self.variables)
        raise ExpressionError("unknown-name", f"no var is called `{name}`", help=help)

    def spend(self, steps: int) -> None:
        if not self.budget.covers_work(steps):
            raise ExpressionError("too-large", TOO_MUCH_WORK)
