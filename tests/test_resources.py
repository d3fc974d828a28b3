"""The data folders are found inside the package or beside it (`test_wheel` does the rest)."""

from pathlib import Path

import pytest

from netspec import resources


def test_beside_the_package_in_a_checkout() -> None:
    root = Path(__file__).resolve().parent.parent
    assert resources.specs_dir() == root / "specs"
    assert resources.codegen_dir() == root / "codegen"
    assert (resources.specs_dir() / "alexnet.yaml").is_file()
    assert any(resources.codegen_dir().glob("torch/*.j2"))


def test_inside_the_package_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "netspec"
    for folder in (package / "specs", tmp_path / "specs", tmp_path / "codegen"):
        folder.mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert resources.specs_dir() == package / "specs"
    assert resources.codegen_dir() == tmp_path / "codegen"
