"""A library that isn't there is named with the command that installs it."""

import json
from pathlib import Path

import pytest

from netspec.diagnostics import Diagnostic, SpecError
from netspec.extras import require


def missing(module: str) -> Diagnostic:
    with pytest.raises(SpecError) as caught:
        require(module, "torch")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "missing-extra"
    return diagnostic


def test_what_is_there_is_given() -> None:
    assert require("json", "torch") is json


def test_what_is_not_there() -> None:
    diagnostic = missing("a_module_of_no_name")
    assert diagnostic.message == "this needs `a_module_of_no_name`, which can't be imported"
    assert diagnostic.help == "install it with `pip install 'netspec-compiler[torch]'`"


def test_what_is_there_but_lacks_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_installed.py").write_text("import a_module_of_no_name")
    monkeypatch.syspath_prepend(tmp_path)
    assert missing("half_installed").message == (
        "this needs `half_installed`, which can't be imported "
        "(No module named 'a_module_of_no_name')"
    )


@pytest.mark.parametrize("error", ["ImportError", "OSError"])
def test_what_is_there_but_does_not_work(
    error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a PyTorch does whose libraries are those of another machine."""
    (tmp_path / f"broken_{error}.py").write_text(f"raise {error}('libc10.so: no such file')")
    monkeypatch.syspath_prepend(tmp_path)
    diagnostic = missing(f"broken_{error}")
    assert diagnostic.message == (
        f"this needs `broken_{error}`, which can't be imported (libc10.so: no such file)"
    )
    assert diagnostic.help == (
        f"install it anew with `pip install --force-reinstall broken_{error}`"
    )
