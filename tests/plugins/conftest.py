"""A folder for packages with custom layers."""

import sys
from pathlib import Path

import pytest

from netspec import plugins


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for packages, on the path of this process."""
    monkeypatch.syspath_prepend(tmp_path)
    _look_anew()
    for name in ("twice", "one", "two"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def _look_anew() -> None:
    """Look at what is installed anew."""
    plugins._groups.cache_clear()
    plugins._layer.cache_clear()
