"""`netspec summary`."""

import json
from typing import TYPE_CHECKING

import typer

from netspec.cli.options import InputOption, OutputOption, SetOption, SpecArgument, load_spec
from netspec.cli.report import is_terminal
from netspec.cli.summary_options import (
    BatchOption,
    ColumnsOption,
    DepthOption,
    FormatOption,
    PhaseName,
    PhaseOption,
    SummaryFormat,
    listed,
    usage,
)

if TYPE_CHECKING:
    from netspec.analysis.summary import Summary


def summary(
    spec: SpecArgument,
    depth: DepthOption = None,
    columns: ColumnsOption = None,
    batch: BatchOption = 1,
    phase: PhaseOption = PhaseName.TEST,
    format: FormatOption = SummaryFormat.table,
    results: OutputOption = None,
    settings: SetOption = None,
    inputs: InputOption = None,
) -> None:
    """Print a line for each layer: output shape, parameters, MACs; and the totals."""
    from netspec.analysis.columns.figures import Asked
    from netspec.analysis.columns.wrong import Wrong
    from netspec.analysis.summary import summarize
    from netspec.analysis.table import render

    network = load_spec(spec, settings, inputs, results)
    try:
        made = summarize(network, depth, phase, listed(columns), Asked(batch=batch))
    except Wrong as error:
        raise usage(error) from None
    if format is SummaryFormat.json:
        typer.echo(json.dumps(made.to_json(), indent=2))
    elif is_terminal():
        _print_rich(made)
    else:
        typer.echo(render(made), nl=False)


def _print_rich(made: "Summary") -> None:
    """The same table for a terminal; Rich is dear to import, so only there."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from netspec.analysis.table import cells, numbers, title, totals_text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    header, *rows = cells(made)
    for number, name in enumerate(header):
        table.add_column(
            name, justify="right" if number in numbers(made) else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*row)
    console = Console(highlight=False)
    console.print(title(made), style="bold", markup=False)
    console.print(table)
    for line in totals_text(made):
        console.print(line, markup=False)
