"""A folder for packages with custom layers."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.site import look_anew


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for packages, on the path of this process."""
    monkeypatch.syspath_prepend(tmp_path)
    look_anew()
    for name in ("twice", "one", "two"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield tmp_path
    look_anew()
