"""`netspec lsp`."""

import os
import sys
from contextlib import redirect_stdout
from typing import Annotated

import typer


def lsp(
    diagnostics: Annotated[
        bool, typer.Option("--diagnostics/--no-diagnostics", help="Report mistakes as you type.")
    ] = True,
    stdio: Annotated[
        bool,
        typer.Option(
            "--stdio",
            show_default=False,
            help="Speak on standard input and output, as it does anyway.",
        ),
    ] = True,
) -> None:
    """Serve an editor, by the language server protocol on standard input and output."""
    from netspec.extras import require

    require("pygls", "lsp")
    from netspec.editor.server import serve

    own = os.fdopen(os.dup(sys.stdout.fileno()), "wb")  # it is closed in the end
    with redirect_stdout(sys.stderr):  # what anything else prints would break the protocol
        serve(sys.stdin.buffer, own, diagnostics=diagnostics)
