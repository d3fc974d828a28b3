"""The command line: verbs, formats and exit codes; no logic of its own."""

from netspec.interrupts import end_on_signals


def main() -> None:
    """Run the program; its exit status is 0, 1 (the input's fault), 2 (wrong usage) or 130.

    130 is Ctrl-C's; another signal that ends it gives 128 and its number.
    """
    end_on_signals()
    import atexit
    import gc
    import os
    import sys

    # Else it looks through all installed packages for what would watch it.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    # A short run makes a lot of objects and drops few: looking through them takes a tenth of it,
    # and once more at its end, where all of them go.
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
    from netspec.cli import streams
    from netspec.cli.report import report

    streams.prepare()
    try:
        _run()
    except OSError as error:
        if error.filename != streams.OUTPUT:
            raise
        streams.give_up_output()
        report(streams.unwritten(error), sys.stderr)
        sys.exit(1)


def _run() -> None:
    """Run a verb, and write all that it says."""
    import sys

    from netspec.cli.app import UsageError, program
    from netspec.cli.hints import hint
    from netspec.cli.report import report, reporting_warnings
    from netspec.diagnostics import Diagnostic, SpecError

    try:
        with reporting_warnings(sys.stderr):
            status = program(sys.argv[1:])(prog_name="netspec", standalone_mode=False)
        if not status:
            hint(sys.argv[1:])
        sys.exit(status)
    except SpecError as error:
        report(error.diagnostics, sys.stderr)
        sys.exit(1)
    except MemoryError:
        report([Diagnostic("too-large", "there is no memory for this")], sys.stderr)
        sys.exit(1)
    except UsageError as error:
        error.message = _printable(error.message)
        error.show()
        sys.exit(error.exit_code)
    finally:
        sys.stdout.flush()


def _printable(message: str) -> str:
    """What is said of wrong usage, which may hold any argument as it was given."""
    import sys

    from netspec.printable import printable, printable_lines

    broken = any("\n" in argument for argument in sys.argv)
    return printable(message) if broken else printable_lines(message)
