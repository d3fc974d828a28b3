"""What is said of a file that holds no weights."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netspec.diagnostics import Diagnostic, SpecError
from netspec.lower.weights.entries import first_sentence


def no_weights(path: Path, reason: str, help: str | None = None) -> SpecError:
    """That weights can't be read from a file, and why."""
    message = f"can't read weights from `{path}`: {reason}"
    return SpecError([Diagnostic("weights-format", message, help=help)])


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Around a library that trusts files: there is no end to what a broken one makes it raise."""
    try:
        with without_warnings():
            yield
    except SpecError:
        raise
    except Exception as error:
        raise no_weights(path, first_sentence(error)) from error


@contextmanager
def without_warnings() -> Iterator[None]:
    """Libraries warn of what they then raise, or of files older than they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
