"""`netspec sweep -o front.svg`: the rows as a plot."""

from typing import TYPE_CHECKING

import typer

from netspec.cli.sweep_output import run_rows, shown

if TYPE_CHECKING:
    from netspec.sweeping.rows import Plan


def check_goals(plan: "Plan") -> None:
    """Wrong usage where a plot's axes aren't said."""
    if len(plan.goals) != 2:
        raise typer.BadParameter(
            "a plot's axes are the two columns that rows are weighed by: --pareto macs,params",
            param_hint="'--pareto'",
        )


def plot(plan: "Plan", jobs: int, output: str) -> int:
    """Run a sweep and draw all its rows; how many of them are mistaken, which aren't there."""
    from netspec.output import spare
    from netspec.sweeping.points import plotted

    for file in plan.family.files:
        spare(output, file, "the spec is")
    x, y = plan.goals
    right, mistakes = [], []
    with shown(len(plan.grid)) as bar:
        for row in run_rows(plan, jobs, bar):
            if row[-1] is None:
                right.append(dict(zip(plan.columns, row, strict=True)))
            else:
                mistakes.append(row[-1])
    if mistakes:
        typer.echo(mistakes[0], err=True)
    elif not right:
        raise typer.BadParameter("it leaves no row to plot", param_hint="'--where'")
    if right:
        plotted(right, (x, y)).save(output)
    return len(mistakes)
