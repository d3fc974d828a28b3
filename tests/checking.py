"""Checks of what the front end says of a spec, and small specs to say it of."""

from dataclasses import dataclass
from pathlib import Path

from netspec.api import check_text, loads
from netspec.diagnostics import Diagnostic, Severity, SourceText
from netspec.network import Network
from netspec.stock import Location

HEAD = "netspec: 1\nname: Net\n"
IMAGE = HEAD + "inputs: {data: [N, 3, 32, 32]}\n"
"""The beginning of a spec whose input is a small image; what follows is line 4."""


def found(text: str, path: Path | None = None) -> list[Diagnostic]:
    """Everything that `check` says of a spec."""
    name = path.name if path is not None else "<string>"
    return check_text(SourceText(name, text), Location(path, name)).sorted()


@dataclass(frozen=True)
class Expected:
    """Where a diagnostic should be, and some words that it should have."""

    code: str
    line: int
    column: int
    message: str = ""
    help: str = ""


def check_errors(text: str, *expected: Expected, path: Path | None = None) -> None:
    """A spec has these mistakes and no others, in this order."""
    errors = [each for each in found(text, path) if each.severity is Severity.ERROR]
    places = [(e.code, e.span.line, e.span.column) if e.span else (e.code, 0, 0) for e in errors]
    wanted = [(each.code, each.line, each.column) for each in expected]
    assert places == wanted, "\n".join(f"{e.span}: {e.code}: {e.message}" for e in errors)
    for error, each in zip(errors, expected, strict=True):
        assert each.message in error.message
        assert each.help in (error.help or "")


MARK = "«"


def check(marked: str, *mistakes: tuple[str, ...]) -> None:
    """A spec has these mistakes and no others, where the marks are.

    Each mistake is its code, some words of its message and some of its help.
    """
    places = []
    text = marked
    for _ in mistakes:
        before, text = text.partition(MARK)[::2]
        places.append((before.count("\n"), len(before.rpartition("\n")[2])))
        text = before + text
    assert MARK not in text
    check_errors(
        text,
        *(
            Expected(code, line + 1, column + 1, *words)
            for (code, *words), (line, column) in zip(mistakes, places, strict=True)
        ),
    )


def check_error(
    text: str, code: str, line: int, column: int, message: str = "", help: str = ""
) -> None:
    """A spec has this mistake and no other."""
    check_errors(text, Expected(code, line, column, message, help))


def check_warning(text: str, code: str, line: int, column: int, message: str = "") -> None:
    """A spec is right, but for this warning."""
    assert [str(e.severity) for e in found(text)] == ["warning"], found(text)
    (warning,) = found(text)
    assert warning.span is not None
    assert (warning.code, warning.span.line, warning.span.column) == (code, line, column)
    assert message in warning.message


def good(text: str) -> Network:
    """The network of a spec about which there is nothing to say."""
    assert found(text) == [], found(text)
    return loads(text)


def paths(network: Network) -> list[str]:
    """The layers of both phases."""
    return [node.path for node in network.nodes]


def bottoms(network: Network) -> dict[str, list[str]]:
    """What each layer of both phases reads."""
    return {node.path: [blob.name for blob in node.bottoms] for node in network.nodes}
