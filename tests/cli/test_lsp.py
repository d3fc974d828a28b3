"""`netspec lsp`, as far as it is a command; tests/editor speaks to it."""

import sys

import pytest

from tests.cli.conftest import Run


def test_without_its_extra_it_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pygls", None)
    result = run("lsp")
    assert result.status == 1
    assert result.err.startswith(
        "error[missing-extra]: this needs `pygls`, which can't be imported"
    )
    assert "install it with `pip install 'netspec-compiler[lsp]'`" in result.err
    assert result.out == ""
