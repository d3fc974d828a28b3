"""What other programs read of netspec's own files and of what it prints."""

import json
import re
from pathlib import Path

import pytest
import yaml

from netspec.api import check_text
from netspec.diagnostics import SourceText
from netspec.diagnostics.codes import CODES
from netspec.diagnostics.render import render_text
from netspec.stock import Location
from tests.cli.conftest import Run, run

__all__ = ["run"]

ROOT = Path(__file__).resolve().parent.parent.parent
SPEC = "netspec: 1\nname: Net\ninputs: {data: [N, 3]}\nlayers:\n  - {type: ReLu}\n"


def test_the_problem_matcher_reads_what_is_printed() -> None:
    """By the rules of GitHub's runner: the patterns match lines that follow one another."""
    text = (ROOT / "examples" / "netspec-matcher.json").read_text()
    (matcher,) = json.loads(text)["problemMatcher"]
    first, second = matcher["pattern"]
    (found,) = check_text(SourceText("nets/a b.yaml", SPEC), Location(None, "x")).sorted()
    lines = render_text(found).splitlines()
    head, place = re.search(first["regexp"], lines[0]), re.search(second["regexp"], lines[1])
    assert head is not None
    assert place is not None
    assert head.group(first["severity"]) == "error"
    assert head.group(first["code"]) == "unknown-type"
    assert head.group(first["message"]) == "there is no layer type or block `ReLu`"
    assert place.group(second["file"]) == "nets/a b.yaml"
    assert (place.group(second["line"]), place.group(second["column"])) == ("5", "12")
    assert all(re.search(first["regexp"], f"warning[{code}]: x") for code in CODES)


def test_the_hook_checks_the_files_that_it_is_given(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs").mkdir()
    for name, text in (("a", SPEC.replace("ReLu", "ReLU")), ("b", SPEC)):
        (tmp_path / "specs" / f"{name}.yaml").write_text(text)
    files = sorted(each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*.yaml"))
    assert all(re.search(hook["files"], each) for each in files)
    assert not re.search(hook["files"], "compose.yaml")
    program, *arguments = hook["entry"].split()
    assert program == "netspec"
    assert run(*arguments, files[0]).status == 0
    assert run(*arguments, *files).status == 1
