"""Jobs in threads: their results in order, within bounds."""

import threading
from collections.abc import Callable, Iterator

import pytest

from netspec.lower.ahead import LIMIT, ahead


def job(number: int) -> Callable[[], int]:
    return lambda: number


def test_results_come_in_order() -> None:
    sizes = [1, LIMIT // 2, LIMIT, LIMIT + 1, 0, LIMIT * 3, 5]
    jobs = [(sizes[number % len(sizes)], job(number)) for number in range(200)]
    assert list(ahead(jobs)) == list(range(200))


def test_no_jobs() -> None:
    assert list(ahead([])) == []


def test_an_error_comes_at_its_turn() -> None:
    before = threading.enumerate()

    def fail() -> int:
        raise ValueError("this one")

    results = ahead([(1, job(1)), (1, fail), (1, job(3))])
    assert next(results) == 1
    with pytest.raises(ValueError, match="this one"):
        next(results)
    assert threading.enumerate() == before


def test_no_thread_stays() -> None:
    before = threading.enumerate()
    results = ahead((1, job(number)) for number in range(10))
    assert next(results) == 0
    assert isinstance(results, Iterator)
    del results
    assert threading.enumerate() == before


def test_no_more_is_made_than_allowed() -> None:
    made: list[int] = []

    def note(number: int) -> Callable[[], None]:
        return lambda: made.append(number)

    results = ahead((LIMIT // 4, note(number)) for number in range(100))
    for used in range(100):
        next(results)
        assert len(made) <= used + 1 + 4


def test_a_large_one_is_made_alone() -> None:
    here = threading.current_thread()
    jobs = [(LIMIT + 1, threading.current_thread)] * 3
    assert list(ahead(jobs)) == [here] * 3
