"""A summary on standard output: on a terminal in colour, with bars, and no wider than that."""

import shutil
import sys
from typing import TYPE_CHECKING

import typer

from netspec.cli.report import is_terminal, wants_colour

if TYPE_CHECKING:
    from netspec.analysis.summary import Summary
    from netspec.analysis.table import Line

_RESET = "\x1b[0m"
_STYLES = {
    "title": "\x1b[1m",
    "heading": "\x1b[1m",
    "rule": "\x1b[2m",
    "dear": "\x1b[1;33m",
    "note": "\x1b[2m",
}
_BAR = "\x1b[34m"
_PLAIN = {"×": "x", "→": "->", "…": "~", "µ": "u"}
"""What stands for characters of a table that a terminal's encoding lacks."""


def print_table(made: "Summary", *, exact: bool) -> None:
    """Print the table, fitted to the terminal if there is one."""
    from netspec.analysis.bars import Bars
    from netspec.analysis.table import Layout, lines

    layout = Layout(exact=exact)
    if not is_terminal():
        typer.echo("\n".join(map(str, lines(made, layout))))
        return
    encoding = sys.stdout.encoding
    layout = Layout(shutil.get_terminal_size().columns, Bars.encodable(encoding), exact)
    paint = _painted if wants_colour(sys.stdout) else str
    text = "\n".join(map(paint, lines(made, layout)))
    typer.echo(_encodable(text, encoding), color=True)


def _encodable(text: str, encoding: str) -> str:
    """The text with what stands for characters that the encoding lacks."""
    for char, instead in _PLAIN.items():
        if char.encode(encoding, "replace") == b"?":
            text = text.replace(char, instead)
    return text


def _painted(line: "Line") -> str:
    style = _STYLES.get(line.kind.value, "")
    text = f"{style}{line.text}{_RESET}" if style else line.text
    bar = line.bar.rstrip()
    return f"{text}{style or _BAR}{bar}{_RESET}" if bar else text.rstrip()
