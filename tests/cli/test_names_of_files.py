"""Names of files and arguments are printed as what they are, and as nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.printable import encodable, is_printable, printable
from tests.cli.conftest import Run

FILES = {
    "newline": "a\n::error::b.yaml",
    "escape": "\x1b[31m.yaml",
    "right to left": "\u202elmay.yaml",
    "not UTF-8": "\udcff.yaml",
    "percent": "100%,a:b.yaml",
}
GOOD = "netspec: 1\nname: Net\ninputs: {data: [N, 4]}\nlayers:\n  - {name: a, type: ReLU}\n"
BAD = GOOD.replace("ReLU", "Rely")


def shows(text: str) -> bool:
    return all(char == "\n" or is_printable(char) for char in text)


@pytest.mark.parametrize("name", FILES.values(), ids=FILES.keys())
def test_names_of_files(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path, shown = Path(name), printable(name)
    path.write_text(GOOD)
    assert run("check", name).out == f"{shown}: no mistakes\n"
    assert run("compile", name, "-o", f"out{name}", "--to", "torch").status == 0
    assert f" from {shown.replace(chr(92), chr(92) * 2)} (" in Path(f"out{name}").read_text()
    path.write_text(BAD)
    assert f" --> {shown}:5:21\n" in run("check", name).out
    (found,) = json.loads(run("check", "--format", "json", name).out)
    assert found["file"] == encodable(name)
    escaped = shown.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    line = run("check", "--format", "github", name).out
    assert line.startswith(f"::error file={escaped},line=5,")
    assert line.count("\n") == 1
    path.unlink()
    assert f"can't read {shown}: no such file" in run("summary", name).err
    for words in (["summary"], ["check"], ["compile", "-o", name], ["init", "-o", "x"]):
        result = run(*words, name)
        assert shows(result.out + result.err)


def test_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / FILES["not UTF-8"]).write_text(GOOD)
    command: list[str | bytes] = [sys.executable, "-m", "netspec", "check", b"\xff.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (rb"\udcff.yaml: no mistakes" + b"\n", b"")


def test_a_name_that_would_be_a_command_to_a_service(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("::error::x.yaml").write_text(GOOD)
    assert run("check", "::error::x.yaml").out == "./::error::x.yaml: no mistakes\n"


def test_arguments(run: Run) -> None:
    odd = "x\n::error::\x1b\u202e"
    for words in (["nope" + odd], ["summary", "lenet", odd], ["summary", "lenet", "--" + odd]):
        result = run(*words)
        assert result.status == 2
        assert shows(result.err)
        assert "\n::error" not in result.err
    error = run("summary", "lenet", "--input", odd).err
    assert r"'x\n::error::\x1b\u202e' is not NAME=1x3x224x224" in error
    assert "error[unknown-var]" in run("summary", "lenet", "--set", odd + "=1").err
