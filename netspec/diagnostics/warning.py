"""Diagnostics that are told beside a result, as Python's warnings."""

import sys
import warnings

from netspec.diagnostics.diagnostic import Diagnostic


class SpecWarning(UserWarning):
    """Something that was done and deserves a second look; `diagnostic` says what."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


def warn(diagnostic: Diagnostic) -> None:
    """Warn at the line of the user's that called netspec."""
    level = 1
    frame = sys._getframe(0)
    while frame.f_back is not None and frame.f_globals["__name__"].partition(".")[0] == "netspec":
        frame = frame.f_back
        level += 1
    warnings.warn(SpecWarning(diagnostic), stacklevel=level)
