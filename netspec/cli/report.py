"""Diagnostics on a stream, in colour where a person reads it."""

import os
import sys
from collections.abc import Iterable
from typing import TextIO

from netspec.diagnostics import Diagnostic, Severity
from netspec.diagnostics.render import render_text

_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m"}
_BOLD, _BLUE, _RESET = "\x1b[1m", "\x1b[34m", "\x1b[0m"


def report(diagnostics: Iterable[Diagnostic], stream: TextIO) -> None:
    """Print diagnostics with a blank line between them."""
    paint = wants_colour(stream)
    texts = [_painted(each) if paint else render_text(each) for each in diagnostics]
    stream.write("\n".join(texts))
    stream.flush()


def wants_colour(stream: TextIO) -> bool:
    """Whether a stream is a terminal whose user hasn't refused colour (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_terminal() -> bool:
    """Whether a person reads standard output."""
    return sys.stdout.isatty()


def _painted(diagnostic: Diagnostic) -> str:
    first, *rest = render_text(diagnostic).splitlines()
    head, _, message = first.partition(": ")
    lines = [f"{_COLOURS[diagnostic.severity]}{head}{_RESET}: {_BOLD}{message}{_RESET}"]
    for line in rest:
        stripped = line.lstrip()
        if stripped.startswith("-->") or (stripped.startswith("|") and "^" in stripped):
            lines.append(f"{_BLUE}{line}{_RESET}")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"
