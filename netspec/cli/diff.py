"""`netspec diff`."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.completion import complete_spec
from netspec.cli.options import STANDARD_INPUT, InputOption, SetOption, load_spec, read_pairs
from netspec.cli.report import wants_colour

if TYPE_CHECKING:
    from netspec.analysis.difference.result import Difference
    from netspec.network import Network

STANDARD_OUTPUT = STANDARD_INPUT
_COLOURS = {"+": "\x1b[32m", "-": "\x1b[31m", "~": "\x1b[33m", ">": "\x1b[36m"}
_BOLD, _RESET = "\x1b[1m", "\x1b[0m"


class DiffFormat(StrEnum):
    """How a difference is written."""

    text = "text"
    json = "json"
    markdown = "markdown"
    html = "html"


_SUFFIXES = {
    ".txt": DiffFormat.text,
    ".json": DiffFormat.json,
    ".md": DiffFormat.markdown,
    ".html": DiffFormat.html,
}


def diff(
    a: Annotated[
        str,
        typer.Argument(
            metavar="A",
            autocompletion=complete_spec,
            help="A stock network, a file or a file's variant, as elsewhere; - is standard input.",
        ),
    ],
    b: Annotated[
        str,
        typer.Argument(metavar="B", autocompletion=complete_spec, help="What to compare it with."),
    ],
    settings: SetOption = None,
    settings_a: Annotated[
        list[str] | None,
        typer.Option("--set-a", metavar="NAME=VALUE", help="Override a var of A alone."),
    ] = None,
    settings_b: Annotated[
        list[str] | None,
        typer.Option("--set-b", metavar="NAME=VALUE", help="Override a var of B alone."),
    ] = None,
    inputs: InputOption = None,
    format: Annotated[
        DiffFormat | None, typer.Option(help="How to write, whatever the suffix says.")
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output-file",
            metavar="FILE",
            help="Where to write: x.md, x.json, x.txt, x.html (a page, both as one graph), or - "
            "for standard output.",
        ),
    ] = STANDARD_OUTPUT,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if the two differ.")
    ] = False,
) -> None:
    """Compare two networks: layers that are new, gone, changed or moved, and what that costs.

    Layers that are alike in what changes are told once: those of all instances of a block.
    """
    from netspec.analysis.difference.comparing import compare

    if a == b == STANDARD_INPUT:
        raise typer.BadParameter("only one of the two can be standard input")
    for given, option in ((settings_a, "--set-a"), (settings_b, "--set-b")):
        read_pairs(given, option, "NAME=VALUE")
    write_as = format or _format_of(output)
    before = load_spec(a, [*(settings or ()), *(settings_a or ())], inputs)
    after = load_spec(b, [*(settings or ()), *(settings_b or ())], inputs)
    found = compare(before, after, _called(a, before), _called(b, after))
    text = _written(found, write_as)
    if output == STANDARD_OUTPUT:
        paint = write_as is DiffFormat.text and wants_colour(sys.stdout)
        sys.stdout.write(_painted(text) if paint else text)
    else:
        _write(text, output, (before, after))
    if exit_code and found:
        raise typer.Exit(1)


def _format_of(output: str) -> DiffFormat:
    """How a file of this name is written."""
    if output == STANDARD_OUTPUT:
        return DiffFormat.text
    suffix = Path(output).suffix.lower()
    if suffix not in _SUFFIXES:
        known = ", ".join(_SUFFIXES)
        message = (
            f"can't tell from '{output}' how to write: end it in one of {known}, or give --format"
        )
        raise typer.BadParameter(message, param_hint="'-o'")
    return _SUFFIXES[suffix]


def _called(spec: str, network: "Network") -> str:
    """A network as the user named it, with what was asked for beside."""
    name = "<stdin>" if spec == STANDARD_INPUT else spec
    return f"{name} ({network.overrides})" if network.overrides else name


def _written(found: "Difference", write_as: DiffFormat) -> str:
    if write_as is DiffFormat.json:
        return json.dumps(found.to_json(), indent=2) + "\n"
    if write_as is DiffFormat.html:
        from netspec.spec_page import file_of_difference

        return file_of_difference(found)
    return found.markdown() if write_as is DiffFormat.markdown else found.text()


def _write(text: str, output: str, networks: "tuple[Network, ...]") -> None:
    from netspec.output import replacing, spare

    for network in networks:
        for file in network.files:
            spare(output, file, "a spec is")
    with replacing(output) as made:
        made.write(text.encode())


def _painted(text: str) -> str:
    title, *lines = text.removesuffix("\n").split("\n")
    shown = [f"{_BOLD}{title}{_RESET}"]
    for line in lines:
        colour = _COLOURS.get(line[:1])
        shown.append(line if colour is None else f"{colour}{line}{_RESET}")
    return "\n".join(shown) + "\n"
