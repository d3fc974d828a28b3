"""`netspec summary --plot`: the costs of layers as a plot."""

from typing import TYPE_CHECKING

import typer

from netspec.cli.summary_options import SummaryFormat

if TYPE_CHECKING:
    from netspec.analysis.summary import Summary


def check_plot(others: bool, format: SummaryFormat) -> None:
    """Wrong usage where something stands beside it that only a text can say."""
    if others:
        raise typer.BadParameter(
            "a plot shows the rows of layers: --explain, --exact, --training, --optimizer and "
            "--budget are for text",
            param_hint="--plot",
        )
    if format is not SummaryFormat.table:
        raise typer.BadParameter(f"'{format}' isn't for --plot", param_hint="--format")


def write_plot(made: "Summary", file: str) -> None:
    """Write the plot of a summary; Wrong where it can't be one."""
    from netspec.cli.plot_output import check_file
    from netspec.plots.costs import costs, shown
    from netspec.plots.plot import Plot

    check_file(file, "--plot", made.graph.files)
    chosen = shown(made)
    Plot(lambda: costs(made, chosen)).save(file)
