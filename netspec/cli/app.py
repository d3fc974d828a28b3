"""The program and its verbs. Each verb imports what it needs when it runs."""

from typing import Annotated, cast

import typer

from netspec._version import __version__
from netspec.cli.check import check
from netspec.cli.compile import compile_
from netspec.cli.init import init
from netspec.cli.layers import layers
from netspec.cli.list import list_
from netspec.cli.schema import schema
from netspec.cli.summary import summary
from netspec.cli.sweep import sweep
from netspec.cli.verify import verify

UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])
"""What is wrong with a command line: what Typer's errors of usage have in common has no name."""

app = typer.Typer(
    name="netspec",
    help="Compile neural-network definitions: YAML to PyTorch and ONNX.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"netspec {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


app.command("list")(list_)
app.command()(check)
app.command()(summary)
app.command("compile")(compile_)
app.command()(verify)
app.command()(sweep)
app.command()(init)
app.command()(layers)
app.command()(schema)
