"""Stock networks for tests that go through them."""

from itertools import groupby

import pytest

from netspec.stock_table import stock_networks


def every_network(task: str | None = None) -> list[object]:
    """Every stock network, or all for a task, to parametrize a test; of each file all but the
    smallest are slow.
    """
    chosen = [each for each in stock_networks() if task in (None, each.task)]
    found: list[object] = []
    for _, members in groupby(chosen, key=lambda network: network.file):
        names = [each.name for each in sorted(members, key=lambda network: network.params)]
        found += [names[0], *(pytest.param(name, marks=pytest.mark.slow) for name in names[1:])]
    return found
