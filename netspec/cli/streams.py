"""Standard input, output and error as the verbs need them: there, and failing in a way to tell.

What can't be written to standard output is told once, as `cannot-write`, but for a pipe whose
reader has gone; what can't be written to standard error is lost, which changes nothing else.
"""

import errno
import io
import os
import select
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from netspec.diagnostics import Diagnostic

OUTPUT = "standard output"
CLOSED = errno.EBADF


def prepare() -> None:
    """Set up the streams that the process was started with; those put in their place stay."""
    for descriptor, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDONLY)):
        _occupy(descriptor, mode)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 (it is never closed)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _text(_Output(1, "w", closefd=False), sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(_Error(2, "w", closefd=False), sys.stderr, by_line=True)


def read_input() -> bytes:
    """All of standard input; SpecError where it can't be read."""
    from netspec.diagnostics import Diagnostic, SpecError

    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        message = f"can't read standard input: {_reason(error)}"
        raise SpecError([Diagnostic("cannot-read", message)]) from None


def unwritten(error: OSError) -> "tuple[Diagnostic, ...]":
    """What is to be said of an error of standard output."""
    from netspec.diagnostics import Diagnostic

    if isinstance(error, BrokenPipeError):
        return ()  # whoever reads it has seen enough
    return (Diagnostic("cannot-write", f"can't write {OUTPUT}: {_reason(error)}"),)


def give_up_output() -> None:
    """Drop what couldn't be written, which Python would try to write once more at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _reason(error: OSError) -> str:
    if error.errno == CLOSED:
        return "it is closed"
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]


def _occupy(descriptor: int, mode: int) -> None:
    """Where a stream is closed, put one there that fails: the next file must not take its place."""
    try:
        os.fstat(descriptor)
    except OSError:
        opened = os.open(os.devnull, mode)
        if opened != descriptor:
            os.dup2(opened, descriptor)
            os.close(opened)


def _text(raw: io.RawIOBase, before: TextIO | None, *, by_line: bool = False) -> TextIO:
    """A text stream like the one before, but that every character can be written in some way."""
    encoding = before.encoding if before is not None else "utf-8"
    by_line = by_line or raw.isatty()
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding, "backslashreplace", line_buffering=by_line
    )


class _Output(io.FileIO):
    """Standard output; its errors name it, as those of a file do."""

    def write(self, data: "bytes | bytearray | memoryview", /) -> int:  # type: ignore[override]
        try:
            while (count := super().write(data)) is None:  # it is full, and set not to wait
                select.select([], [self], [])
        except OSError as error:
            error.filename = OUTPUT
            raise
        return count


class _Error(io.FileIO):
    """Standard error; what can't be written is lost."""

    def write(self, data: "bytes | bytearray | memoryview", /) -> int:  # type: ignore[override]
        with suppress(OSError):
            return super().write(data) or 0
        return len(data)
