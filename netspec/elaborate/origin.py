"""What a graph can ask of the spec that it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from netspec.diagnostics import Diagnostics, SpecError
from netspec.elaborate.network import Overrides, Program
from netspec.graph import Graph
from netspec.language.formulas import Formulas, formulas


@dataclass(frozen=True)
class SpecOrigin:
    """A program, and what was asked of it for the graph."""

    program: Program
    variant: str | None
    overrides: Overrides

    @cached_property
    def formulas(self) -> Formulas:
        """The expressions of the spec."""
        return formulas(self.program.document)

    def vary(self, variables: Mapping[str, Any]) -> Graph | None:
        """The same network with some vars changed; None where that leaves none."""
        merged = {**self.overrides.variables, **variables}
        diagnostics = Diagnostics()
        try:
            overrides = replace(self.overrides, variables=merged)
            graph = self.program.graph(self.variant, overrides, diagnostics)
        except SpecError:
            return None
        if graph is None or diagnostics.has_errors:
            return None
        return replace(graph, origin=self)

    def __reduce__(self) -> tuple[Any, ...]:
        """A graph goes to another process without the text that it came from."""
        return _nothing, ()


def _nothing() -> None:
    return None
