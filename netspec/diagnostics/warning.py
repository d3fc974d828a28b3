"""Diagnostics that are told beside a result, as Python's warnings."""

import sys
import warnings
from types import FrameType

from netspec.diagnostics.diagnostic import Diagnostic

_PACKAGE = __name__.partition(".")[0]


class SpecWarning(UserWarning):
    """Something that was done and deserves a second look: `diagnostic`, a `Diagnostic`."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


def warn(diagnostic: Diagnostic) -> None:
    """Warn at the line of the user's that called netspec."""
    level = 1
    frame: FrameType | None = sys._getframe()
    while frame is not None and _is_ours(frame):
        frame = frame.f_back
        level += 1
    warnings.warn(SpecWarning(diagnostic), stacklevel=level)


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] == _PACKAGE
