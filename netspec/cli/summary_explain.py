"""`netspec summary --explain`: two conventions, reconciled."""

import json
from typing import TYPE_CHECKING

import typer

from netspec.cli.summary_options import SummaryFormat

if TYPE_CHECKING:
    from netspec.graph import Graph


def check_alone(others: bool, format: SummaryFormat) -> None:
    """Wrong usage where the table's own options stand beside it."""
    if others:
        raise typer.BadParameter(
            "of the table's options it takes --phase and --format alone", param_hint="--explain"
        )
    if format not in (SummaryFormat.table, SummaryFormat.json):
        raise typer.BadParameter(f"'{format}' isn't for --explain", param_hint="--format")


def print_explanation(graph: "Graph", names: tuple[str, str], format: SummaryFormat) -> None:
    """Print why they differ; wrong usage for names of none."""
    from netspec.analysis.conventions import CONVENTIONS
    from netspec.analysis.explain import explain
    from netspec.analysis.explain_text import render
    from netspec.diagnostics.suggest import did_you_mean

    try:
        found = explain(graph, *names)
    except ValueError as error:
        wrong = (name for name in names if name not in CONVENTIONS)
        help = (did_you_mean(name, CONVENTIONS) for name in wrong)
        words = "; ".join([str(error), *filter(None, help)])
        raise typer.BadParameter(words, param_hint="--explain") from None
    if format is SummaryFormat.json:
        typer.echo(json.dumps(found.to_json(), indent=2))
    else:
        typer.echo(render(found), nl=False)
