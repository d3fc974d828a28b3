"""`netspec plot`."""

from typing import Annotated

import typer

from netspec.cli.plot_output import check_file


def plot(
    folders: Annotated[
        list[str],
        typer.Argument(
            metavar="DIR…", help="The folders of runs (`netspec train`), up to 8 of them."
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            "-o", "--output-file", metavar="FILE", help="Where to write: x.svg, x.png or x.pdf."
        ),
    ],
) -> None:
    """Plot the curves of runs: the loss, the figures of tests, the learning rate.

    It may be called while they run. For what layers cost there is `netspec summary --plot`, for the
    front of a sweep `netspec sweep -o front.svg`.
    """
    from netspec.plots.runs import plot_runs

    check_file(output, "-o")
    try:
        made = plot_runs(*folders)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="'DIR…'") from None
    made.save(output)
