"""The program run within the tests' own process: 0.3 seconds quicker a call."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import pytest

from netspec.cli import main


@dataclass(frozen=True)
class Result:
    """What a run printed, and its exit status."""

    status: int
    out: str
    err: str


Run: TypeAlias = Callable[..., Result]


class Input(io.StringIO):
    """Standard input that gives bytes as well."""

    @property
    def buffer(self) -> io.BytesIO:
        return io.BytesIO(self.getvalue().encode())


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str, stdin: str = "") -> Result:
        monkeypatch.setattr(sys, "argv", ["netspec", *arguments])
        monkeypatch.setattr(sys, "stdin", Input(stdin))
        monkeypatch.setattr("netspec.cli.end_on_signals", lambda: None)  # they stay the tests' own
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return run
