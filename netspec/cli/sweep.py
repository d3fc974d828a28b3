"""`netspec sweep`."""

from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.options import (
    STANDARD_INPUT,
    InputOption,
    OutputOption,
    SpecArgument,
    read_pairs,
    read_shapes,
    read_spec,
)

if TYPE_CHECKING:
    from netspec.families import Family
    from netspec.sweeping.grid import Grid

STANDARD_OUTPUT = STANDARD_INPUT


class SweepFormat(StrEnum):
    """How the rows are written."""

    table = "table"
    csv = "csv"
    jsonl = "jsonl"
    markdown = "markdown"


def sweep(
    spec: SpecArgument,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUES",
            help="What a var goes through: 16..128:16 (both ends included), 18,34,50, "
            "[2,2],[3,4] for a var that is a list. Repeatable: every combination is a row.",
        ),
    ] = None,
    variants: Annotated[
        str | None,
        typer.Option(
            "--variant",
            metavar="NAMES",
            help="Variants to go through: small,large, or 'resnet*' for all that are called so.",
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,…",
            help="The figures, in this order: macs,params,inference_peak_bytes. A wrong name is "
            "answered with all of them.",
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="EXPR",
            help="Leave out the rows for which this is false: 'macs <= 1e9 and params <= 5e6'.",
        ),
    ] = None,
    pareto: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Only the rows that no other beats in these columns, less being better: "
            "macs,params; +NAME where more is.",
        ),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output-file",
            metavar="FILE",
            help="Where to write: x.csv, x.jsonl, x.md, - for standard output, or x.svg, x.png, "
            "x.pdf for a plot of all rows by the two columns of --pareto.",
        ),
    ] = STANDARD_OUTPUT,
    format: Annotated[
        SweepFormat | None, typer.Option(help="How to write, whatever the suffix says.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="How many processes; one for each core unless said."),
    ] = None,
    results: OutputOption = None,
    inputs: InputOption = None,
) -> None:
    """Print a row of totals for each combination of values: parameters, MACs, activations, ….

    A combination that is no network has its row, too, with what is wrong as `error`; the exit
    status is 1 if all are so.
    """
    from netspec.analysis.columns.wrong import Wrong
    from netspec.cli.plot_output import check_file
    from netspec.cli.summary_options import listed, usage
    from netspec.cli.sweep_output import write
    from netspec.cli.sweep_plot import check_goals, plot
    from netspec.families import Family
    from netspec.sweeping.pareto import ParetoError
    from netspec.sweeping.rows import Plan
    from netspec.sweeping.running import cores
    from netspec.sweeping.where import WhereError

    write_as = format or _format_of(output)
    if write_as is None:
        check_file(output, "-o")
    shapes = read_shapes(inputs)
    family = Family(*read_spec(spec))
    plan = Plan(family, _grid(family, settings, variants), shapes, tuple(results or ()))
    try:
        plan = plan.only(where, pareto, None if columns is None else listed(columns))
    except Wrong as error:
        raise usage(error) from None
    except WhereError as error:
        raise typer.BadParameter(str(error), param_hint="'--where'") from None
    except ParetoError as error:
        raise typer.BadParameter(str(error), param_hint="'--pareto'") from None
    if write_as is None:
        check_goals(plan)
        mistaken = plot(plan, jobs or cores(), output)
    else:
        mistaken = write(plan, jobs or cores(), write_as, output)
    count = len(plan.grid)
    if mistaken:
        typer.echo(f"mistaken: {mistaken:,} of {count:,} combinations", err=True)
    if mistaken == count:
        raise typer.Exit(1)


def _grid(family: "Family", settings: list[str] | None, variants: str | None) -> "Grid":
    """The combinations that the options ask for; wrong usage where they ask for none."""
    from netspec.sweeping.grid import VARIANT, Axis, Grid, GridError, parse_values

    pairs = read_pairs(settings, "--set", "NAME=VALUES")
    try:
        axes = [Axis(name, parse_values(name, text)) for name, text in pairs]
    except GridError as error:
        raise typer.BadParameter(str(error), param_hint="'--set'") from None
    if variants is not None:
        axes.insert(0, Axis(VARIANT, _variants(family, variants)))
    if not axes:
        raise typer.BadParameter("nothing to sweep: give `--set NAME=VALUES` or `--variant NAMES`")
    try:
        return Grid(tuple(axes), variants is not None)
    except GridError as error:
        raise typer.BadParameter(str(error)) from None


def _variants(family: "Family", text: str) -> tuple[str, ...]:
    """The variants that are called so; a name that isn't there is told with its row."""
    found: dict[str, None] = {}
    for each in text.split(","):
        name = each.strip()
        alike = [known for known in family.variants if fnmatchcase(known, name)]
        found |= dict.fromkeys(alike or [name])
    return tuple(found)


def _format_of(output: str) -> SweepFormat | None:
    """How a file of this name is written; None for a plot."""
    from netspec.plots.plot import SUFFIXES as PLOTS
    from netspec.sweeping.writing import SUFFIXES

    if output == STANDARD_OUTPUT:
        return SweepFormat.table
    suffix = Path(output).suffix.lower()
    if suffix in PLOTS:
        return None
    if suffix not in SUFFIXES:
        known = ", ".join((*SUFFIXES, *PLOTS))
        message = (
            f"can't tell from '{output}' how to write: end it in one of {known}, or give --format"
        )
        raise typer.BadParameter(message, param_hint="'-o'")
    return SweepFormat(SUFFIXES[suffix])
