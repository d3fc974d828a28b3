"""The command line: verbs, formats and exit codes; no logic of its own."""

import gc
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130


def main() -> None:
    """Run the program; its exit status is 0, 1 (the input's fault), 2 (wrong usage) or 130."""
    signal.signal(signal.SIGINT, _interrupt)
    # A short run makes a lot of objects and drops few: looking through them takes a tenth of it.
    gc.set_threshold(100_000)
    from netspec.cli.app import app
    from netspec.cli.report import reporting_warnings
    from netspec.diagnostics import SpecError

    try:
        with reporting_warnings(sys.stderr):
            app(prog_name="netspec")
    except SpecError as error:
        from netspec.cli.report import report

        report(error.diagnostics, sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read the output has seen enough; closing stdout must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _interrupt(signum: int, frame: FrameType | None) -> NoReturn:
    sys.exit(INTERRUPTED)
