"""Where the rows of a sweep go, and how far it is."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from time import perf_counter
from typing import TYPE_CHECKING

from netspec.cli.report import is_terminal, wants_colour

if TYPE_CHECKING:
    from rich.progress import Progress

    from netspec.sweeping.rows import Plan, Row

PATIENCE = 0.5
"""Seconds after which a person wants to know how far it is."""
OFTEN = 0.1
"""Seconds between two looks."""


def write(plan: "Plan", jobs: int, format: str, output: str) -> int:
    """Run a sweep and write its rows; how many of them are mistaken."""
    from netspec.sweeping.rows import best
    from netspec.sweeping.writing import FORMATS, table_lines

    mistaken = 0

    def counted(rows: "Iterable[Row]") -> "Iterator[Row]":
        nonlocal mistaken
        for row in rows:
            mistaken += row[-1] is not None
            yield row

    to_terminal = output == "-" and is_terminal()
    with ExitStack() as stack:
        put = stack.enter_context(_destination(output, plan))
        bar = stack.enter_context(shown(len(plan.grid)))
        rows = counted(best(plan, run_rows(plan, jobs, bar)))
        if format == "table":
            width = shutil.get_terminal_size().columns if to_terminal else None
            lines = table_lines(plan.columns, rows, width, plan.spare, plan.asked)
        else:
            lines = FORMATS[format](plan.columns, rows)
        for number, line in enumerate(lines):
            if to_terminal:
                bar.end()  # what is written shows it from here on
            put(
                f"\x1b[1m{line[:-1]}\x1b[0m\n"
                if number == 0 and _paints(to_terminal, format)
                else line
            )
    return mistaken


def _paints(to_terminal: bool, format: str) -> bool:
    return to_terminal and format == "table" and wants_colour(sys.stdout)


def run_rows(plan: "Plan", jobs: int, bar: "Bar") -> "Iterator[Row]":
    """The rows of all combinations, as a bar shows how many there are so far."""
    from netspec.sweeping.running import rows

    for count, part in rows(plan, jobs):
        bar.advance(count)
        yield from part


@contextmanager
def _destination(output: str, plan: "Plan") -> Iterator[Callable[[str], object]]:
    """What writes text to a file, which appears whole or not at all, or to standard output."""
    from netspec.output import replacing, spare

    if output == "-":
        yield sys.stdout.write
        return
    for file in plan.family.files:
        spare(output, file, "the spec is")
    with replacing(output) as made:
        yield lambda text: made.write(text.encode())


@contextmanager
def shown(total: int) -> "Iterator[Bar]":
    """A bar on standard error while the block runs, if a person reads that."""
    from netspec.interrupts import undone_on_signals

    bar = Bar(total if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else None)
    with undone_on_signals(bar.leave):
        try:
            yield bar
        finally:
            bar.end()


class Bar:
    """How far it is, from a while after the beginning on; never for a total of None."""

    def __init__(self, total: int | None) -> None:
        self._total, self._done = total, 0
        self._begun = self._looked = perf_counter()
        self._progress: Progress | None = None

    def advance(self, count: int) -> None:
        self._done += count
        now = perf_counter()
        if self._total is None or now - self._begun < PATIENCE or now - self._looked < OFTEN:
            return
        self._looked = now
        if self._progress is None:
            self._begin()
        assert self._progress is not None
        self._progress.update(self._progress.task_ids[0], completed=self._done, refresh=True)

    def _begin(self) -> None:
        """Rich is dear to import. It draws when it is told to: a thread of its own would keep the
        process from being copied.
        """
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(file=sys.stderr)
        self._progress = Progress(*columns, console=console, auto_refresh=False, transient=True)
        self._progress.start()
        self._progress.add_task("", total=self._total)

    def end(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = self._total = None

    def leave(self) -> None:
        """Take it away where the process ends on the spot."""
        if self._progress is not None:
            with suppress(OSError):
                os.write(2, b"\r\x1b[2K\x1b[?25h")
