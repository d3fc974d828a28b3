"""The notes of a release, and what `make` says of a download before it begins."""

from pathlib import Path

import pytest
import yaml

from netspec._version import __version__
from tests.download import LARGE, files, size, warning
from tests.release import ROOT, notes, obstacles

CHANGELOG = """# Changelog

## Unreleased

- later

## 0.2.0 - 2026-12-01

### Added

- this

## 0.1.0 - 2025-01-01

- before
"""


def test_all_that_bears_the_version_agrees() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert cited["version"] == __version__


def test_the_notes_are_the_section_of_the_version() -> None:
    assert notes(CHANGELOG, "0.2.0") == "### Added\n\n- this\n"
    assert notes(CHANGELOG, "0.1.0") == "- before\n"


@pytest.mark.parametrize("version", ["0.2", "0.3.0", "Unreleased"])
def test_no_section_no_release(version: str) -> None:
    with pytest.raises(LookupError, match=f"no heading `## {version} - YYYY-MM-DD`"):
        notes(CHANGELOG, version)


def test_a_release_is_a_clean_commit_with_its_tag() -> None:
    assert obstacles("0.2.0", "", ["v0.2.0"]) == []
    assert obstacles("0.2.0", " M README.md\n", ["v0.1.0"]) == [
        "there are changes that aren't committed",
        "the commit hasn't the tag v0.2.0: `git tag v0.2.0`",
    ]


def test_a_large_download_is_told_of_with_the_way_around_it() -> None:
    assert warning(LARGE - 1) is None
    said = warning(2_900_000_000)
    assert said is not None
    assert said.startswith("up to 2.9 GB are to be fetched")
    assert "make TORCH_INDEX=" in said


def test_the_size_of_a_file_is_its_server_s_word(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"x" * 1234)
    assert size((tmp_path / "a.whl").as_uri()) == 1234
    assert size((tmp_path / "none.whl").as_uri()) == 0


def test_what_pip_cannot_resolve_is_left_to_pip(tmp_path: Path) -> None:
    assert files(["--no-index", f"--find-links={tmp_path}", "a-package-of-no-name"]) == []
