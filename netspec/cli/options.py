"""Arguments and options that several verbs share, and what they mean."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netspec.cli.completion import complete_spec
from netspec.cli.streams import read_input

if TYPE_CHECKING:
    from netspec.diagnostics import SourceText
    from netspec.elaborate import Overrides
    from netspec.network import Network
    from netspec.stock import Location

STANDARD_INPUT = "-"

SpecArgument = Annotated[
    str,
    typer.Argument(
        metavar="SPEC",
        autocompletion=complete_spec,
        help="A stock network (`netspec list`), a file (`nets/mine.yaml`, `nets/mine.yaml:small` "
        "for a variant), or - for standard input.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Override a var; VALUE is read as YAML."),
]
InputOption = Annotated[
    list[str] | None,
    typer.Option("--input", metavar="NAME=SHAPE", help="Fix an input's shape: data=1x3x320x320."),
]
OutputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        metavar="NAME",
        help="Give this blob instead of the outputs, and leave out what it doesn't need. "
        "Repeatable.",
    ),
]


class TableFormat(StrEnum):
    """How a verb prints a table."""

    table = "table"
    json = "json"


class PlainFormat(StrEnum):
    """How a verb prints what is no table."""

    text = "text"
    json = "json"


def read_spec(spec: str) -> "tuple[SourceText, Location]":
    """The text that a SPEC argument means, and where it stands."""
    from netspec.source import decode
    from netspec.stock import Location, locate, read_location

    if spec == STANDARD_INPUT:
        return decode(read_input(), "<stdin>"), Location(None, "<stdin>")
    location = locate(spec)
    return read_location(location), location


def load_spec(
    spec: str,
    settings: list[str] | None,
    inputs: list[str] | None,
    outputs: list[str] | None = None,
) -> "Network":
    """The network that the arguments describe."""
    from netspec.api import compile_text

    overrides = read_overrides(settings, inputs, outputs)
    text, location = read_spec(spec)
    return compile_text(text, location, overrides)


def read_overrides(
    settings: list[str] | None, inputs: list[str] | None, outputs: list[str] | None = None
) -> "Overrides":
    """What `--set`, `--input` and `--output` ask for; wrong usage where they can't be read."""
    from netspec.diagnostics import Diagnostics
    from netspec.elaborate import Overrides
    from netspec.elaborate.variables import read_override

    diagnostics = Diagnostics()
    variables: dict[str, Any] = {}
    for name, text in read_pairs(settings, "--set", "NAME=VALUE"):
        variables[name] = read_override(name, text, diagnostics)
    diagnostics.raise_errors()
    return Overrides(variables, read_shapes(inputs), tuple(outputs or ()))


def read_shapes(inputs: list[str] | None) -> dict[str, list[int | str]]:
    """What `--input` asks for; wrong usage where it can't be read."""
    from netspec.elaborate.inputs import parse_shape

    shapes: dict[str, list[int | str]] = {}
    for name, text in read_pairs(inputs, "--input", "NAME=1x3x224x224"):
        shape = parse_shape(text)
        if shape is None:
            raise typer.BadParameter(
                f"'{text}' is no shape; write sizes and upper-case symbols with x between them, "
                "as in 1x3x320x320 or Nx3xHxW",
                param_hint="--input",
            )
        shapes[name] = shape
    return shapes


def read_pairs(values: list[str] | None, option: str, form: str) -> list[tuple[str, str]]:
    """The names and texts of an option that has both; wrong usage where one lacks either."""
    pairs = []
    for value in values or []:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"'{value}' is not {form}", param_hint=option)
        pairs.append((name, text))
    return pairs
