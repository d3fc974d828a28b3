"""Diagnostics as text for people, as JSON for programs and as annotations for GitHub."""

from collections.abc import Iterable
from typing import Any
from unicodedata import combining, east_asian_width

from netspec.counted import counted
from netspec.diagnostics.diagnostic import Diagnostic
from netspec.diagnostics.span import Span
from netspec.printable import encodable, is_printable, printable

MAX_EXCERPT = 160
"""Longer source lines are cut to a window around the place at fault."""


def render_text(diagnostic: Diagnostic) -> str:
    """The diagnostic with its source line and carets; ends with a newline."""
    lines = [f"{diagnostic.severity}[{diagnostic.code}]: {printable(diagnostic.message)}"]
    if diagnostic.span is not None:
        lines += _excerpt(diagnostic.span)
    digits = len(str(diagnostic.span.line)) if diagnostic.span is not None else 1
    margin = " " * digits + " = "
    lines += [f"{margin}{printable(note)}" for note in diagnostic.notes]
    if diagnostic.help is not None:
        lines.append(f"{margin}help: {printable(diagnostic.help)}")
    return "\n".join(lines) + "\n"


def _excerpt(span: Span) -> list[str]:
    """The place, its line and the carets below it."""
    gutter = " " * len(str(span.line))
    place = f"{gutter}--> {printable(str(span))}"
    lines = span.source.lines
    if span.line > len(lines):
        return [place]
    text = lines[span.line - 1]
    start = min(span.column - 1, len(text))
    end = min(span.end_column - 1 if span.end_line == span.line else len(text), len(text))
    shift = max(0, start - MAX_EXCERPT // 2) if len(text) > MAX_EXCERPT else 0
    until = shift + MAX_EXCERPT
    carets = _width(text[start : min(end, until)]) or 1
    return [
        place,
        f"{gutter} |",
        f"{span.line} | {_shown(text[shift:until])}".rstrip(),
        f"{gutter} | {' ' * _width(text[shift:start])}{'^' * carets}",
    ]


def _shown(text: str) -> str:
    """Text as wide as it is, without what would move the cursor or hide some of it."""
    return "".join(char if is_printable(char) else " " for char in text)


def _width(text: str) -> int:
    """The columns that a text takes in a terminal."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if combining(char):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """The diagnostic as plain data; lines and columns count from 1, ends are exclusive."""
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": encodable(diagnostic.message),
        "file": encodable(span.source.name) if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "path": diagnostic.path,
        "notes": [encodable(note) for note in diagnostic.notes],
        "help": encodable(diagnostic.help) if diagnostic.help is not None else None,
    }


def render_github(diagnostic: Diagnostic) -> str:
    """A workflow command that GitHub shows at the line of a pull request."""
    span = diagnostic.span
    properties = {"title": f"netspec[{diagnostic.code}]"}
    if span:
        properties = {
            "file": printable(span.source.name),
            "line": str(span.line),
            "endLine": str(span.end_line),
            "col": str(span.column),
            "endColumn": str(span.end_column),
        } | properties
    fields = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    lines = [diagnostic.message, *diagnostic.notes]
    if diagnostic.help is not None:
        lines.append(f"help: {diagnostic.help}")
    message = "\n".join(map(printable, lines))
    return f"::{diagnostic.severity} {fields}::{_escape_data(message)}"


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def count_text(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`; empty where there is nothing."""
    severities = [diagnostic.severity for diagnostic in diagnostics]
    counts = ((kind, severities.count(kind)) for kind in dict.fromkeys(sorted(severities)))
    return ", ".join(counted(count, kind) for kind, count in counts)
