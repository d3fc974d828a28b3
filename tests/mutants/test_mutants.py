"""Mutated specs: what `check` accepts keeps every promise.

`NETSPEC_MUTANTS` says how many the long run tries, and `NETSPEC_MUTANTS_FROM` from which on: a
mutant is known by its number.
"""

import os
import random

import pytest
from hypothesis import HealthCheck, given, settings

from tests.mutants.mutate import mutated
from tests.mutants.seeds import SMALL, STOCK, accepts
from tests.promises import check_promises
from tests.random.draft import Draft
from tests.random.test_random import drafts

COUNT = int(os.environ.get("NETSPEC_MUTANTS", "20000"))
START = int(os.environ.get("NETSPEC_MUTANTS_FROM", "0"))
QUICK = range(40, 80)
STEP = 500
"""Mutants of one test of the long run."""


def mutant(number: int) -> str:
    """The text of a mutant: one of a hundred is of a stock spec."""
    choose = random.Random(number)
    text = choose.choice(STOCK if choose.random() < 0.01 else SMALL)
    return mutated(text, choose, accepts)


def check_mutant(number: int) -> int:
    """How many networks the mutant describes."""
    text = mutant(number)
    try:
        return check_promises(text)
    except Exception as error:
        error.add_note(f"mutant {number}:\n{text}")
        raise


def test_mutants_are_accepted_and_keep_their_promises() -> None:
    accepted = [check_mutant(number) for number in QUICK]
    assert sum(map(bool, accepted)) > len(QUICK) / 2


@pytest.mark.slow
@pytest.mark.parametrize("start", range(START, START + COUNT, STEP))
def test_many_mutants(start: int) -> None:
    for number in range(start, min(start + STEP, START + COUNT)):
        check_mutant(number)


def check_drafts(count: int) -> None:
    """Random networks as `tests.random` draws them keep their promises too."""

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(drafts())
    def check(draft: Draft) -> None:
        assert check_promises(draft.text(draft.outputs())) == 1

    check()


def test_random_networks() -> None:
    check_drafts(8)


@pytest.mark.slow
def test_many_random_networks() -> None:
    check_drafts(500)
