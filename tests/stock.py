"""Stock networks for tests that go through them."""

from collections.abc import Collection
from itertools import groupby

import pytest

from netspec.stock_table import stock_networks

HEAVY = {"specs/swin3d.yaml"}
"""Files of which even the smallest network takes seconds to elaborate: its tables are large."""


def every_network(task: str | None = None, among: Collection[str] | None = None) -> list[object]:
    """Every stock network, or all for a task or among some, to parametrize a test; of each file all
    but the smallest are slow, and of a heavy one that too.
    """
    chosen = [
        each
        for each in stock_networks()
        if task in (None, each.task) and (among is None or each.name in among)
    ]
    found: list[object] = []
    for file, members in groupby(chosen, key=lambda network: network.file):
        names = [each.name for each in sorted(members, key=lambda network: network.params)]
        quick = 0 if file in HEAVY else 1
        found += names[:quick]
        found += [pytest.param(name, marks=pytest.mark.slow) for name in names[quick:]]
    return found
