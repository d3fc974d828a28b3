"""Ends that come from outside: what happens when a signal says that the process is to stop.

Python runs a handler between two of its steps, and those may be steps of code that foreign code has
called, in the middle of the import of an extension module for one. An exception from there unwinds
through code that isn't made for it, which can crash. So no handler here raises: it takes back what
is half done and ends the process.

It imports next to nothing: the program can be interrupted as soon as this is loaded.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C, what `kill` and a system that stops send, and a terminal that is closed."""

_half_done: list[Callable[[], None]] = []
"""What undoes each thing that is half done."""
_finishing: list[object] = []
"""A mark for each block that signals wait for."""
_waiting: list[Callable[[], None]] = []
"""The ends that wait for such a block."""


def end_on_signals() -> None:
    """Let signals end this program with the status 128 + their number, 130 for Ctrl-C.

    A signal that is ignored already, as under `nohup`, stays so.
    """
    for number in _numbers(SIGNALS):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)


@contextmanager
def undone_on_signals(undo: Callable[[], None]) -> Iterator[None]:
    """Have `undo` called first where a signal ends the process during the block.

    It may be called at any point of the block, and more than once. In a program that leaves SIGTERM
    and SIGHUP to the system, which would end it on the spot, they get handlers for the length of
    the block, and end it in the same way afterwards. Ctrl-C and signals that the program handles
    are left to it, and so are all in a thread where Python can't set handlers.
    """
    _half_done.append(undo)
    try:
        with _handling():
            yield
    finally:
        _half_done.remove(undo)


@contextmanager
def finishing() -> Iterator[None]:
    """Let a signal wait for the end of the block, a few steps that belong together."""
    mark = object()
    _finishing.append(mark)
    try:
        yield
    finally:
        _finishing.remove(mark)
        for end in _waiting:
            end()


@contextmanager
def _handling() -> Iterator[None]:
    taken: list[int] = []
    try:
        with suppress(ValueError):  # only the main thread can set handlers
            for number in _numbers(SIGNALS[1:]):
                if signal.getsignal(number) is signal.SIG_DFL:
                    taken.append(number)
                    signal.signal(number, _die)
        yield
    finally:
        with suppress(ValueError):
            for number in taken:
                signal.signal(number, signal.SIG_DFL)


def _numbers(names: tuple[str, ...]) -> Iterator[int]:
    return (getattr(signal, name) for name in names if hasattr(signal, name))


def _leave(number: int, frame: FrameType | None) -> None:
    """End the program with the status that a shell gives to one that the signal ended."""
    _end(lambda: os._exit(128 + number))


def _die(number: int, frame: FrameType | None) -> None:
    """End the process as the signal would have without a handler."""

    def die() -> None:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    _end(die)


def _end(leave: Callable[[], None]) -> None:
    def end() -> None:
        for undo in reversed(_half_done):
            with suppress(OSError):
                undo()
        leave()

    if _finishing:
        _waiting.append(end)
    else:
        end()
