"""The program and its verbs. Each verb imports what it needs when it runs."""

import os
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Annotated, cast

import typer

from netspec._version import __version__
from netspec.cli.examples import epilogue
from netspec.cli.start import START

UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])
"""What is wrong with a command line: what Typer's errors of usage have in common has no name."""

VERBS = {
    "list": "list_",
    "check": "check",
    "summary": "summary",
    "compile": "compile_",
    "view": "view",
    "train": "train",
    "test": "test",
    "predict": "predict",
    "verify": "verify",
    "diff": "diff",
    "sweep": "sweep",
    "plot": "plot",
    "init": "init",
    "import": "import_",
    "layers": "layers",
    "schema": "schema",
    "lsp": "lsp",
    "doctor": "doctor",
}
"""The verbs in the order of the help: the function of each, in the module that bears the verb's
name, or where that is a keyword the function's.
"""

COMPLETING = "_NETSPEC_COMPLETE"
"""Set in the environment where a shell asks what could come next."""


def program(arguments: Sequence[str]) -> typer.Typer:
    """The program for a command line: with the verb that it begins with, which is all that a run
    needs; with every verb where it begins with none.
    """
    asked = [verb for verb in arguments[:1] if verb in VERBS]
    app = typer.Typer(
        name="netspec",
        help="Compile neural-network definitions: YAML to PyTorch and ONNX.",
        add_completion=not asked or COMPLETING in os.environ,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_options)
    for verb in asked or VERBS:
        module = VERBS[verb] if iskeyword(verb) else verb
        function = getattr(import_module(f"netspec.cli.{module}"), VERBS[verb])
        app.command(verb, epilog=epilogue(verb))(function)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"netspec {__version__}")
        raise typer.Exit


def _options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(START, nl=False)
