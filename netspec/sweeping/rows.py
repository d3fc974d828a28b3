"""The rows of a sweep: what each combination's network comes to, or what is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

from netspec.analysis.columns.wrong import unknown
from netspec.counted import counted
from netspec.diagnostics import Diagnostic, Severity, SpecError
from netspec.elaborate import Overrides
from netspec.expressions import kind
from netspec.expressions.values import is_symbolic
from netspec.families import Family
from netspec.graph import Graph
from netspec.printable import printable
from netspec.sweeping.figures import EVERY, FIGURES, SPARE, figures_of
from netspec.sweeping.grid import Grid
from netspec.sweeping.pareto import Goal, Point, front, parse_goals
from netspec.sweeping.where import Undecided, Where, parse_where

ERROR = "error"
"""The last column: what is wrong with the network of a combination."""

Row: TypeAlias = tuple[Any, ...]
"""The values of the columns; a figure is None where the network is mistaken."""


@dataclass(frozen=True)
class Plan:
    """What is swept: a family's members at each combination of a grid. Rows for which the condition
    is false are left out; the goals are what they are weighed by. `named` are the figures that are
    columns, the usual ones if None; `more` are others that the condition and the goals name, each
    of which is then a column, too.
    """

    family: Family
    grid: Grid
    inputs: Mapping[str, Sequence[Any]]
    outputs: Sequence[str] = ()
    where: Where | None = None
    goals: tuple[Goal, ...] = ()
    named: tuple[str, ...] | None = None
    more: tuple[str, ...] = ()

    @cached_property
    def figures(self) -> tuple[str, ...]:
        """The names of the figures; a swept name that is one's stands in its place."""
        named = FIGURES if self.named is None else self.named
        return tuple(name for name in (*named, *self.more) if name not in self.grid.names)

    @property
    def spare(self) -> tuple[str, ...]:
        """The figures that a narrow table goes without, the first of them first: what nobody names,
        neither the condition nor a goal.
        """
        if self.named is not None:
            return ()
        return tuple(name for name in SPARE if name in self.figures and name not in self.asked)

    @property
    def asked(self) -> frozenset[str]:
        """The columns that somebody names: as figures, in the condition, as goals."""
        read = self.where.names if self.where else ()
        return frozenset((*(self.named or ()), *read, *(goal.name for goal in self.goals)))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What the values of a row are called."""
        return (*self.grid.names, *self.figures, ERROR)

    def only(
        self, where: str | None, pareto: str | None, named: Sequence[str] | None = None
    ) -> "Plan":
        """The plan with a condition and goals, as texts, and these figures in this order;
        WhereError, ParetoError and Wrong where they are none.
        """
        figures = tuple(dict.fromkeys(FIGURES if named is None else named))
        wrong = next((name for name in figures if name not in EVERY), None)
        if wrong is not None:
            raise unknown("columns", "figure", "figures", wrong, EVERY)
        others = tuple(name for name in EVERY if name not in figures)
        columns = replace(self, named=figures, more=others).columns
        condition = None if where is None else parse_where(where, columns)
        goals = () if pareto is None else parse_goals(pareto, columns[:-1])
        read = {goal.name for goal in goals} | (condition.names if condition else set())
        more = tuple(name for name in others if name in read)
        chosen = None if named is None else figures
        return replace(self, where=condition, goals=goals, named=chosen, more=more)

    def row(self, number: int) -> Row | None:
        """A combination's row; None where the condition is false of it. SpecError where no
        combination is a network: the text itself is mistaken, or has no such var.
        """
        values = self.grid.at(number)
        try:
            figures = figures_of(self._member(values), self.figures)
        except SpecError as error:
            if self.family.is_mistaken or any(map(_is_of_all, error.diagnostics)):
                raise
            row = (*values, *[None] * len(self.figures), _message(error))
        else:
            row = (*values, *[figures.get(name) for name in self.figures], None)
        try:
            if self.where is not None and not self.where.holds(self._named(row)):
                return None
            self.point(row)
        except Undecided as why:
            return (*row[:-1], row[-1] or str(why))
        return row

    def point(self, row: Row) -> Point | None:
        """Where a row stands among those that it is weighed against, None for a mistaken one;
        Undecided where it has no numbers.
        """
        if row[-1] is not None:
            return None
        named, point = self._named(row), []
        for goal in self.goals:
            value = named[goal.name]
            if type(value) not in (int, float):
                what = (
                    "a formula: give the inputs fixed sizes" if is_symbolic(value) else kind(value)
                )
                raise Undecided(f"`{goal.name}` can't be weighed, it is {what}")
            point.append(-value if goal.more else value)
        return tuple(point)

    def _member(self, values: tuple[Any, ...]) -> Graph:
        given, variant = dict(zip(self.grid.names, values, strict=True)), None
        if self.grid.variants:
            variant = given.pop(self.grid.names[0])
        return self.family.member(Overrides(given, self.inputs, self.outputs), variant)

    def _named(self, row: Row) -> dict[str, Any]:
        return dict(zip(self.columns, (*row[:-1], row[-1] or ""), strict=True))


def best(plan: Plan, rows: Iterable[Row]) -> Iterable[Row]:
    """The rows that no other beats, of all the rows of a plan; all where it has no goals."""
    return front((plan.point(row), row) for row in rows) if plan.goals else rows


def _is_of_all(found: Diagnostic) -> bool:
    """Whether it says that something is asked for which the text doesn't have."""
    return found.span is None and found.code in ("unknown-var", "unknown-variant")


def _message(error: SpecError) -> str:
    """A network's mistakes in a line: the first, where it stands, and how many more there are."""
    found = [each for each in error.diagnostics if each.severity is Severity.ERROR]
    first = found[0]
    place = "" if first.span is None else f"{first.span}: "
    more = "" if len(found) == 1 else f" (and {counted(len(found) - 1, 'more mistake')})"
    return printable(f"{place}{first.message}{more}")
