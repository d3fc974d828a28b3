"""`netspec summary`."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.options import (
    InputOption,
    OutputOption,
    SetOption,
    SpecArgument,
    TableFormat,
    load_spec,
)
from netspec.cli.report import is_terminal

if TYPE_CHECKING:
    from netspec.analysis.summary import Summary


class PhaseName(StrEnum):
    """Caffe's phases."""

    TRAIN = "TRAIN"
    TEST = "TEST"


def summary(
    spec: SpecArgument,
    depth: Annotated[
        int | None, typer.Option(min=1, help="Fold blocks and groups below this depth.")
    ] = None,
    phase: Annotated[
        PhaseName, typer.Option(case_sensitive=False, help="The phase to count in.")
    ] = PhaseName.TEST,
    format: Annotated[TableFormat, typer.Option(help="How to print it.")] = TableFormat.table,
    results: OutputOption = None,
    settings: SetOption = None,
    inputs: InputOption = None,
) -> None:
    """Print a line for each layer: output shape, parameters, MACs; and the totals."""
    from netspec.analysis.summary import summarize
    from netspec.analysis.table import render

    network = load_spec(spec, settings, inputs, results)
    made = summarize(network, depth, phase)
    if format is TableFormat.json:
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

    from netspec.analysis.table import HEADER, NUMBERS, cells, title, totals_text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(HEADER):
        table.add_column(name, justify="right" if number in NUMBERS else "left", overflow="fold")
    for row in cells(made):
        table.add_row(*row)
    console = Console(highlight=False)
    console.print(title(made), style="bold", markup=False)
    console.print(table)
    for line in totals_text(made):
        console.print(line, markup=False)
