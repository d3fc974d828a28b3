"""The program and its verbs. Each verb imports what it needs when it runs."""

from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Annotated, cast

import typer

from netspec._version import __version__

UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])
"""What is wrong with a command line: what Typer's errors of usage have in common has no name."""

VERBS = {
    "list": "list_",
    "check": "check",
    "summary": "summary",
    "compile": "compile_",
    "train": "train",
    "verify": "verify",
    "diff": "diff",
    "sweep": "sweep",
    "init": "init",
    "import": "import_",
    "layers": "layers",
    "schema": "schema",
}
"""The verbs in the order of the help: the function of each, in the module that bears the verb's
name, or where that is a keyword the function's.
"""


def program(arguments: Sequence[str]) -> typer.Typer:
    """The program for a command line: with the verb that it begins with, which is all that a run
    needs; with every verb where it begins with none.
    """
    app = typer.Typer(
        name="netspec",
        help="Compile neural-network definitions: YAML to PyTorch and ONNX.",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    asked = [verb for verb in arguments[:1] if verb in VERBS]
    for verb in asked or VERBS:
        module = VERBS[verb] if iskeyword(verb) else verb
        app.command(verb)(getattr(import_module(f"netspec.cli.{module}"), VERBS[verb]))
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"netspec {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass
