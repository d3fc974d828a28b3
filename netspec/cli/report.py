"""Diagnostics on a stream, in colour where a person reads it."""

import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from netspec.diagnostics import Diagnostic, Severity, SpecWarning
from netspec.diagnostics.render import render_text

_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m"}
_BOLD, _BLUE, _RESET = "\x1b[1m", "\x1b[34m", "\x1b[0m"


def report(diagnostics: Iterable[Diagnostic], stream: TextIO) -> None:
    """Print diagnostics with a blank line between them."""
    paint = wants_colour(stream)
    texts = [_painted(each) if paint else render_text(each) for each in diagnostics]
    stream.write("\n".join(texts))
    stream.flush()


@contextmanager
def reporting_warnings(stream: TextIO) -> Iterator[None]:
    """Print what netspec warns of while it works, each thing once."""
    told: set[Diagnostic] = set()
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(message: Warning | str, *rest: Any, **more: Any) -> None:
            if not isinstance(message, SpecWarning):
                others(message, *rest, **more)
            elif message.diagnostic not in told:
                told.add(message.diagnostic)
                report([message.diagnostic], stream)

        warnings.simplefilter("always", SpecWarning)
        warnings.showwarning = show
        yield


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
