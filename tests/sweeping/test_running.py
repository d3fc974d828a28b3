"""Sweeps on several cores."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import active_children, get_context

import pytest

from netspec import SpecError
from netspec.sweeping import running
from netspec.sweeping.rows import Plan, Row
from tests.sweeping.networks import plan


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Other processes help from the first row on, a few rows at a time."""
    monkeypatch.setattr(running, "ALONE", 0)
    monkeypatch.setattr(running, "WORTH", 0)
    monkeypatch.setattr(running, "MOST", 3)
    yield
    assert not active_children()


def all_rows(plan: Plan, jobs: int) -> list[Row]:
    return [row for _, part in running.rows(plan, jobs) for row in part]


def test_rows_are_the_same_whatever_the_jobs() -> None:
    made = plan(width=range(23), kernels=[[3], [9]])
    alone = all_rows(made, 1)
    assert len(alone) == 46
    assert all_rows(made, 2) == alone
    assert all_rows(made, 7) == alone
    assert sum(count for count, _ in running.rows(made, 3)) == 46


def test_where_there_is_no_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_context", lambda: get_context("spawn"))
    made = plan(width=range(1, 9))
    assert all_rows(made, 2) == all_rows(made, 1)


def test_a_sweep_that_is_given_up_leaves_no_process() -> None:
    made = running.rows(plan(width=range(1, 99)), 2)
    for _ in range(5):
        next(made)
    assert active_children()
    made.close()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Failing(Plan):
    """A plan that does something else at a combination."""

    fails: int = 0
    dies: bool = False

    def row(self, number: int) -> Row | None:
        if number == self.fails and self.dies:
            os._exit(9)
        if number == self.fails:
            raise ZeroDivisionError(number)
        return super().row(number)


def failing(fails: int, *, dies: bool) -> Failing:
    made = plan(width=range(1, 30))
    return Failing(made.family, made.grid, made.inputs, fails=fails, dies=dies)


def test_an_error_in_a_process_is_raised_here() -> None:
    with pytest.raises(ZeroDivisionError, match="20"):
        all_rows(failing(20, dies=False), 2)


def test_a_process_that_dies_is_told() -> None:
    with pytest.raises(SpecError) as caught:
        all_rows(failing(20, dies=True), 2)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message, found.help) == (
        "too-large",
        "a process of the sweep has come to an untimely end",
        "the system ends what takes too much memory: try fewer `--jobs`",
    )


def test_interrupted_in_a_program() -> None:
    """KeyboardInterrupt goes through, and no process stays."""
    made = running.rows(plan(width=range(1, 99)), 2)
    next(made)
    next(made)
    with suppress(KeyboardInterrupt):
        made.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
    assert not active_children()
