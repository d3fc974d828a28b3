"""The rows of a sweep on several cores: processes that work out a few combinations at a time.

Rows come in the order of the combinations, whichever process made them. The first are worked out
here, and most sweeps are done before another process would have begun.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import TYPE_CHECKING

from netspec.diagnostics import Diagnostic, SpecError
from netspec.interrupts import SIGNALS, undone_on_signals
from netspec.sweeping.rows import Plan, Row

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

ALONE = 0.05
"""Seconds that are spent before other processes are asked to help."""
WORTH = 0.1
"""Seconds that must be left to do for that."""
A_TURN = 0.05
"""Seconds that a process should work at what it gets at once."""
MOST = 256
"""Combinations that it gets at the most."""
AHEAD = 4
"""How many times as many parts as there are processes may be done before their turn."""


def cores() -> int:
    """The processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def rows(plan: Plan, jobs: int) -> Iterator[tuple[int, list[Row]]]:
    """The rows in order, each part of them with the number of combinations that it comes from.

    SpecError where no combination is a network, or where a process comes to an untimely end.
    """
    begin, number, count = perf_counter(), 0, len(plan.grid)
    while number < count:
        made = plan.row(number)
        number += 1
        yield 1, [] if made is None else [made]
        spent = perf_counter() - begin
        if jobs > 1 and spent > ALONE and (count - number) * spent / number > WORTH:
            size = max(1, min(MOST, int(A_TURN * number / spent)))
            yield from _shared(plan, jobs, number, size)
            return


def _shared(plan: Plan, jobs: int, number: int, size: int) -> Iterator[tuple[int, list[Row]]]:
    """The rows from a combination on, worked out by so many processes, `size` at once."""
    every = range(number, len(plan.grid))
    count = -(-len(every) // size)
    workers = _Workers(plan, min(jobs, count))
    with undone_on_signals(workers.kill):
        try:
            workers.begin()
            done: dict[int, list[Row]] = {}
            asked = 0
            for turn in range(count):
                while turn not in done:
                    while workers.idle and asked < min(count, turn + AHEAD * jobs):
                        workers.ask(asked, every[asked * size : (asked + 1) * size])
                        asked += 1
                    done.update(workers.answers())
                yield len(every[turn * size : (turn + 1) * size]), done.pop(turn)
        finally:
            workers.end()


class _Workers:
    """Processes that answer which rows some combinations give."""

    def __init__(self, plan: Plan, count: int) -> None:
        self._plan, self._count = plan, count
        self._processes: list[BaseProcess] = []
        self._busy: dict[Connection, int] = {}
        self.idle: list[Connection] = []

    def begin(self) -> None:
        context = _context()
        for _ in range(self._count):
            ours, theirs = context.Pipe()
            others = [ours, *self.idle] if context.get_start_method() == "fork" else []
            process = context.Process(  # type: ignore[attr-defined]
                target=_work, args=(self._plan, theirs, others), daemon=True
            )
            with _signals_wait():
                process.start()
                self._processes.append(process)
            theirs.close()
            self.idle.append(ours)

    def ask(self, turn: int, numbers: range) -> None:
        """Give a part to a process that has nothing to do."""
        worker = self.idle.pop(0)
        self._busy[worker] = turn
        try:
            worker.send(numbers)
        except OSError:
            raise _ended() from None

    def answers(self) -> Iterator[tuple[int, list[Row]]]:
        """The parts that are done, once any is."""
        from multiprocessing.connection import wait

        ready = wait([*self._busy])
        for worker in [each for each in self._busy if each in ready]:
            try:
                found = worker.recv()
            except (EOFError, OSError):
                raise _ended() from None
            if isinstance(found, BaseException):
                raise found
            yield self._busy.pop(worker), found
            self.idle.append(worker)

    def end(self) -> None:
        """End all processes, and wait until they are gone."""
        self.kill()
        for process in self._processes:
            process.join()
        for worker in (*self._busy, *self.idle):
            worker.close()

    def kill(self) -> None:
        """End all processes at once: what they are at is nobody's any more."""
        for process in self._processes:
            with suppress(OSError):
                process.kill()


def _ended() -> SpecError:
    message = "a process of the sweep has come to an untimely end"
    help = "the system ends what takes too much memory: try fewer `--jobs`"
    return SpecError([Diagnostic("too-large", message, help=help)])


def _context() -> "BaseContext":
    """A copy of this process where that is safe: it knows the text, and begins at once."""
    from multiprocessing import get_context

    alone = threading.active_count() == 1
    return get_context("fork" if sys.platform == "linux" and alone else "spawn")


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Let signals wait: one that came to a process that is just beginning would undo what is half
    done here.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_ENDS = [getattr(signal, each) for each in SIGNALS if hasattr(signal, each)]


def _work(plan: Plan, questions: "Connection", others: "list[Connection]") -> None:
    """What a process does: it answers until nobody asks any more."""
    for number in _ENDS:
        # Ctrl-C reaches all processes of a terminal; the one that began this decides.
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
    for each in others:
        each.close()  # else nobody would notice when the process that asks is gone
    with suppress(EOFError, OSError):
        while True:
            numbers = questions.recv()
            questions.send(_answer(plan.row, numbers))


def _answer(row: Callable[[int], Row | None], numbers: range) -> list[Row] | BaseException:
    try:
        return [made for made in map(row, numbers) if made is not None]
    except MemoryError:
        return MemoryError()
    except Exception as error:
        return error
