"""The examples of `docs/weights.md`, run in order: commands print what the page shows."""

import io
import re
import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest

from netspec.cli import main

PAGE = Path(__file__).resolve().parent.parent / "docs" / "weights.md"


@pytest.mark.filterwarnings("ignore::netspec.SpecWarning")
def test_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert {kind for kind, _ in blocks} == {"yaml", "python", "console"}
    names: dict[str, Any] = {}
    for kind, text in blocks:
        if kind == "yaml":
            Path("net.yaml").write_text(text)
        elif kind == "python":
            exec(text, names)
        else:
            for example in re.findall(r"\$ (.*\n(?:[^$].*\n)*)", text):
                command, _, shown = example.partition("\n")
                printed, start = run(command, monkeypatch), shown.partition("  …")[0]
                assert printed.startswith(start) if start != shown else printed == shown


def run(command: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """All that a command prints."""
    output = io.StringIO()
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    with redirect_stderr(output), redirect_stdout(output), suppress(SystemExit):
        main()
    return output.getvalue()
