"""`netspec init`."""

import os
import sys
from typing import Annotated

import typer

from netspec.cli.completion import complete_stock

STANDARD_OUTPUT = "-"


def init(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            autocompletion=complete_stock,
            help="A stock network (`netspec list`) to begin with.",
        ),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output-file", metavar="FILE", help="The new spec, or -.")
    ],
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite FILE if it is there already.")
    ] = False,
) -> None:
    """Begin a spec from a stock network, ready to edit."""
    from netspec.output import replacing
    from netspec.stock_copy import own_text

    text = own_text(name)
    if output == STANDARD_OUTPUT:
        sys.stdout.buffer.write(text.encode())
        return
    if os.path.isfile(output) and not force:
        _refuse(output)
    with replacing(output) as file:
        file.write(text.encode())


def _refuse(path: str) -> None:
    from netspec.diagnostics import Diagnostic, SpecError

    message = f"can't write `{path}`: it is there already"
    raise SpecError([Diagnostic("cannot-write", message, help="`--force` overwrites it")])
