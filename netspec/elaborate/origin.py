"""What a graph can ask of the spec that it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.elaborate.budget import Budget
from netspec.elaborate.network import Overrides, Program
from netspec.elaborate.old_formulas import Formulas, formulas
from netspec.graph import Graph
from netspec.language.library import parse_document


@dataclass(frozen=True)
class SpecOrigin:
    """A text, and what was asked of it for the graph.

    The text is taken apart again when it is asked for: kept, the parts of a large spec would take
    more memory than its graph. `used` are the texts that it brings in, which may since have changed
    or lie on another machine.
    """

    text: SourceText
    folder: Path | None
    variant: str | None
    overrides: Overrides
    used: tuple[SourceText, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of these texts, where they have any."""
        texts = (self.text, *self.used) if self.folder is not None else ()
        return tuple(Path(text.name) for text in texts)

    @cached_property
    def program(self) -> Program:
        """The text taken apart, which has been found to be without mistakes."""
        diagnostics = Diagnostics()
        document = parse_document(self.text, diagnostics, self.folder, self.used)
        return Program(document, diagnostics)

    @cached_property
    def formulas(self) -> Formulas:
        """The expressions of the spec."""
        return formulas(self.program.document)

    def vary(self, variables: Mapping[str, Any]) -> Graph | None:
        """The same network with some vars changed; None where that leaves none."""
        merged = {**self.overrides.variables, **variables}
        diagnostics = Diagnostics()
        self.program.budget = Budget()
        try:
            overrides = replace(self.overrides, variables=merged)
            graph = self.program.graph(self.variant, overrides, diagnostics)
        except SpecError:
            return None
        if graph is None or diagnostics.has_errors:
            return None
        return replace(graph, origin=self)

    def __reduce__(self) -> tuple[Any, ...]:
        """A graph goes to another process with the texts that it came from, not their parts."""
        return SpecOrigin, tuple(getattr(self, each.name) for each in fields(self))
