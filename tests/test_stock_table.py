"""The figures that are kept of the stock networks."""

from pathlib import Path

import pytest

from netspec import stock_table
from netspec.resources import stock_files
from netspec.stock_table import Kept, measured

QUICK = {"alexnet", "lenet", "unet", "captioner"}


@pytest.mark.parametrize("path", stock_files(), ids=lambda path: path.stem)
def test_they_are_of_the_files_as_they_are(path: Path) -> None:
    assert Kept.read().networks(path) is not None, "`make docs` renews them"


def test_they_are_of_no_file_that_is_gone() -> None:
    assert set(Kept.read().files) == {path.name for path in stock_files()}


@pytest.mark.parametrize(
    "path",
    [
        path if path.stem in QUICK else pytest.param(path, marks=pytest.mark.slow)
        for path in stock_files()
    ],
    ids=lambda path: path.stem,
)
def test_they_are_what_is_measured(path: Path) -> None:
    assert Kept.read().networks(path) == measured(path)


def test_a_changed_file_is_measured_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (lenet,) = (path for path in stock_files() if path.stem == "lenet")
    changed = tmp_path / "lenet.yaml"
    changed.write_text(lenet.read_text().replace("num_output: 500", "num_output: 50"))
    monkeypatch.setattr(stock_table, "stock_files", lambda: [changed])
    (network,) = stock_table.stock_networks()
    assert network.params < 431_080
