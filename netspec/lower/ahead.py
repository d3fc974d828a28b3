"""Making the next things while one is used, in threads and within bounds."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

LIMIT = 1 << 25
"""Bytes that may be made before they are asked for."""


def ahead(jobs: Iterable[tuple[int, Callable[[], T]]]) -> Iterator[T]:
    """The results of jobs, in their order; each is a number of bytes and what makes them.

    Small ones are made in threads before their turn (NumPy draws random numbers without Python's
    lock); one above the limit is made when it is asked for, with nothing else held. The results
    are the same however many threads there are. What a job raises is raised at its turn.
    """
    workers = _Workers[T](min(4, _processors()))
    try:
        waiting: deque[tuple[int, Callable[[], T]]] = deque()
        held = 0
        for size, make in jobs:
            while waiting and held + size > LIMIT:
                done, get = waiting.popleft()
                held -= done
                yield get()
                del get
            waiting.append((size, workers.start(make) if size <= LIMIT else make))
            held += size
        while waiting:
            _, get = waiting.popleft()
            yield get()
            del get
    finally:
        workers.stop()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Workers(Generic[T]):
    """A few threads, started as jobs come. (`concurrent.futures` takes 60 ms to import.)"""

    def __init__(self, count: int) -> None:
        self._count = count
        self._jobs: deque[_Job[T]] = deque()
        self._ready = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []

    def start(self, make: Callable[[], T]) -> Callable[[], T]:
        """Queue a job; what is returned waits for its result and lets go of it."""
        job = _Job(make)
        self._jobs.append(job)
        self._ready.release()
        if len(self._threads) < self._count:
            self._threads.append(threading.Thread(target=self._work, daemon=True))
            self._threads[-1].start()
        return job.result

    def stop(self) -> None:
        """End the threads; what hasn't begun isn't begun."""
        self._jobs.clear()
        self._ready.release(len(self._threads) or 1)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while True:
            self._ready.acquire()
            try:
                job = self._jobs.popleft()
            except IndexError:
                return  # an empty queue is the sign to stop
            job.run()
            del job


class _Job(Generic[T]):
    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._done = threading.Event()
        self._value: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._value.append(self._make())
        except BaseException as error:  # raised again where the result is asked for
            self._error = error
        self._done.set()

    def result(self) -> T:
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._value.pop()
