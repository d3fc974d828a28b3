"""`netspec check`."""

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.completion import complete_spec
from netspec.cli.options import STANDARD_INPUT, read_spec

if TYPE_CHECKING:
    from netspec.diagnostics import Diagnostic


class CheckFormat(StrEnum):
    """How diagnostics are printed."""

    text = "text"
    json = "json"
    github = "github"


def check(
    specs: Annotated[
        list[str],
        typer.Argument(
            metavar="SPEC...",
            autocompletion=complete_spec,
            help="Files, stock networks, or - for standard input.",
        ),
    ],
    format: Annotated[
        CheckFormat, typer.Option(help="Text for people, JSON, or GitHub's annotations.")
    ] = CheckFormat.text,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings count as errors.")] = False,
) -> None:
    """Validate specs, every variant, and print all mistakes at once."""
    from netspec.diagnostics import Severity

    found = [each for spec in specs for each in _check(spec)]
    if format is CheckFormat.json:
        from netspec.diagnostics.render import to_json

        typer.echo(json.dumps([to_json(each) for each in found], indent=2))
    elif format is CheckFormat.github:
        from netspec.diagnostics.render import render_github

        for each in found:
            typer.echo(render_github(each))
    else:
        _print_text(specs, found)
    if found and (strict or any(each.severity is Severity.ERROR for each in found)):
        raise typer.Exit(1)


def _check(spec: str) -> "list[Diagnostic]":
    from netspec.api import check_text
    from netspec.diagnostics import SpecError

    try:
        text, location = read_spec(spec)
    except SpecError as error:
        return list(error.diagnostics)
    return check_text(text, location).sorted()


def _print_text(specs: list[str], found: "list[Diagnostic]") -> None:
    from netspec.cli.report import report
    from netspec.diagnostics.render import count_text

    report(found, sys.stdout)
    names = ", ".join(map(_shown, specs))
    if found:
        typer.echo(f"\n{names}: {count_text(found)}")
    else:
        typer.echo(f"{names}: no mistakes")


def _shown(spec: str) -> str:
    from netspec.printable import printable

    if spec == STANDARD_INPUT:
        return "standard input"
    # A line that begins so is a command to some services that run checks.
    return printable(f"./{spec}" if spec.startswith(("::", "##")) else spec)
