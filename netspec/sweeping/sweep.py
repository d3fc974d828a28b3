"""`netspec.sweep`: a row of figures for each network of a family that some values give."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex

from netspec import arguments
from netspec.families import Family, family

if TYPE_CHECKING:
    from pathlib import Path

    from netspec.sweeping.rows import Plan


def sweep(
    spec: "str | Path | Family",
    *,
    variants: Sequence[str] | None = None,
    inputs: Mapping[str, Sequence[int | str]] | None = None,
    outputs: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    where: str | None = None,
    pareto: str | Sequence[str] = (),
    jobs: SupportsIndex = 1,
    **values: Any,
) -> Iterator[dict[str, Any]]:
    """A row for each combination of values of a `spec`, which is a name as for `load`, or a family:
    what is swept, each figure by name, and `error`.

    Vars are keywords; each goes through the values of a list, a range or an array, or has a single
    one (a var that is a list itself takes a list of lists). `variants` are gone through as well;
    `inputs` and `outputs` are those of `load`, for all networks. Rows come in the order of the
    combinations, the last name going through its values most often. A figure that depends on a
    symbolic size is a formula. Where a network is mistaken its figures are None and `error` says
    why; it is None otherwise.

    `columns` are the figures that are wanted, in that order; those of memory are there where it or
    the two below name them.

    `where` leaves out the rows for which a condition on their names is false (`macs <= 1e9`); a row
    of which that can't be told stays, and says so in `error`, which is `""` to the condition where
    there is none. With `pareto` only those rows come that no other beats: one that is less in one
    of these columns and more in none (`+name` for one where more is better); a row with an `error`
    stays here, too. `jobs` is the number of processes.

    SpecError where no combination is a network, TypeError and ValueError for what can't be swept.
    """
    from netspec.sweeping.grid import VARIANT, Grid, axis_of
    from netspec.sweeping.rows import Plan

    given = [] if variants is None else [axis_of(VARIANT, arguments.names(variants, "variants"))]
    axes = (axis_of(name, arguments.plain(each)) for name, each in values.items())
    grid = Grid((*given, *axes), variants=variants is not None)
    chosen = spec if isinstance(spec, Family) else family(spec)
    names = arguments.names(outputs, "outputs")
    plan = Plan(chosen, grid, arguments.shapes(inputs, "inputs"), names).only(
        None if where is None else arguments.text(where, "where"),
        ",".join(arguments.patterns(pareto, "pareto")) or None,
        None if columns is None else arguments.names(columns, "columns"),
    )
    return _named(plan, arguments.integer(jobs, "jobs", 1))


def _named(plan: "Plan", jobs: int) -> Iterator[dict[str, Any]]:
    from netspec.sweeping.rows import best
    from netspec.sweeping.running import rows

    made = (row for _, part in rows(plan, jobs) for row in part)
    for row in best(plan, made):
        yield dict(zip(plan.columns, row, strict=True))
