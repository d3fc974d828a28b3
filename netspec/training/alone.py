"""One run in a folder at a time: two would write over each other's checkpoints and tables."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from netspec.diagnostics import Diagnostic, SpecError


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Have a folder for oneself as long as the block lasts.

    SpecError where another run has it. Where folders can't be locked, on Windows and some networks'
    disks, nothing is.
    """
    held = None
    with suppress(OSError):  # Windows opens no folders
        held = os.open(folder, os.O_RDONLY)
    try:
        if held is not None:
            _lock(held, folder)
        yield
    finally:
        if held is not None:
            os.close(held)


def _lock(held: int, folder: Path) -> None:
    import fcntl

    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        message = f"a run is going on in `{folder}`"
        help = "wait for its end, or name another folder"
        raise SpecError([Diagnostic("cannot-write", message, help=help)]) from error
    except OSError:
        return
