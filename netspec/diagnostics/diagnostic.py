"""What is wrong with a spec, as data: the text is made of it in `render`."""

from enum import StrEnum
from typing import Any

from netspec.diagnostics.codes import CODES
from netspec.diagnostics.span import Span
from netspec.quick import frozen


class Severity(StrEnum):
    """What a diagnostic is: `ERROR`, with which there is no network, or `WARNING`."""

    ERROR = "error"
    WARNING = "warning"


class Note(str):
    """A line beside a diagnostic, a link of the chain that led there, and the place it names."""

    span: Span

    def __new__(cls, text: str, span: Span) -> "Note":
        note = super().__new__(cls, text)
        note.span = span
        return note

    def __reduce__(self) -> Any:
        return Note, (str(self), self.span)


@frozen
class Diagnostic:
    """One mistake, or one thing that deserves a second look.

    `code` is stable (docs/errors.md has all of them), `message` what is wrong, on a line;
    `severity` is that of a mistake unless said; `span` is the narrowest place at fault, None where
    there is no text to point into; `path` the layer concerned; `notes` the chain of blocks that led
    there, innermost first; `help` what to do, where that can be guessed.
    """

    code: str
    message: str
    span: Span | None = None
    path: str | None = None
    help: str | None = None
    notes: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"diagnostic code {self.code!r} is not in the table of codes")
