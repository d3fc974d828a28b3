"""Every verb with its streams full, closed or let go of, and in a folder that is gone."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINUX = sys.platform == "linux"

COMMANDS = {
    "list": 0,
    "check lenet": 0,
    "check lenet --format json": 0,
    "check - --format github": 1,
    "summary lenet": 0,
    "summary lenet --format json": 0,
    "compile lenet --to torch -o -": 0,
    "compile lenet --to onnx -o -": 0,
    "compile lenet --to safetensors -o -": 0,
    "init lenet -o -": 0,
    "layers": 0,
    "layers LRN": 0,
    "schema": 0,
    "--help": 0,
    "--version": 0,
    "summary nothing": 1,
    "nothing": 2,
}
"""What is run, and its status where its streams are well."""

STATES = {
    "full": ">/dev/full",
    "closed": ">&-",
    "gone": "",
    "error full": "2>/dev/full",
    "error closed": "2>&-",
    "input closed": "<&-",
    "all closed": "<&- >&- 2>&-",
}
REASONS = {"full": "no space left on device", "closed": "it is closed"}
SILENT = ("summary nothing", "nothing")
"""Commands that say nothing on standard output."""


def run(redirection: str, *command: str, **options: object) -> "subprocess.CompletedProcess[str]":
    """Run netspec, with streams as a shell redirects them."""
    line = f'exec "$@" {redirection}'
    words = ["sh", "-c", line, "sh", sys.executable, "-m", "netspec", *command]
    settings: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **options}
    # Weights aren't text; what is said beside them is.
    return subprocess.run(
        words, stderr=subprocess.PIPE, text=True, errors="replace", check=False, **settings
    )


def without_reader(command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command whose output goes to a pipe that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return run("", *command.split(), stdout=writer)
    finally:
        os.close(writer)


def cases() -> "list[object]":
    """Every command in every state; those that `make test` leaves out are marked."""
    made: list[object] = []
    for number, command in enumerate(COMMANDS):
        for turn, state in enumerate(STATES):
            quick = number % len(STATES) == turn
            marks = () if quick else pytest.mark.slow
            made.append(pytest.param(command, state, marks=marks))
    return made


@pytest.mark.skipif(not LINUX, reason="/dev/full is Linux's")
@pytest.mark.parametrize(("command", "state"), cases())
def test_every_command_in_every_state(command: str, state: str) -> None:
    done = run(STATES[state], *command.split()) if state != "gone" else without_reader(command)
    unwritten = state in ("full", "closed", "gone", "all closed") and command not in SILENT
    assert done.returncode == (1 if unwritten else COMMANDS[command])
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    if state in REASONS and unwritten:
        message = f"error[cannot-write]: can't write standard output: {REASONS[state]}\n"
        assert done.stderr == message
    elif state == "gone" and unwritten:
        assert done.stderr == ""


@pytest.mark.parametrize("command", ["check", "summary", "compile -o x.py", "verify"])
def test_standard_input_that_is_closed(command: str, tmp_path: Path) -> None:
    done = run(
        "<&-", *command.split(), "-", cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 1
    assert "error[cannot-read]: can't read standard input: it is closed\n" in (
        done.stdout + done.stderr
    )


def test_a_file_is_written_although_all_streams_are_closed(tmp_path: Path) -> None:
    """None of the files that the program opens takes a stream's place."""
    file = tmp_path / "lenet.py"
    assert run("<&- >&- 2>&-", "compile", "lenet", "-o", str(file)).returncode == 0
    assert run("", "compile", "lenet", "--to", "torch", "-o", "-").stdout == file.read_text()


def test_what_a_stream_has_no_character_for_is_escaped() -> None:
    env = os.environ | {"PYTHONIOENCODING": "latin-1"}
    done = run("", "summary", "lenet", env=env, encoding="latin-1")
    assert done.returncode == 0
    assert done.stdout.startswith("LeNet (TEST): data N\xd71\xd728\xd728 \\u2192 ip2 N\xd710\n")


GONE = "the current folder is gone"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("check lenet", ""),
        ("check x.yaml", "can't read x.yaml: no such file or directory"),
        ("compile lenet -o x.py", f"can't write `x.py`: {GONE}"),
        ("compile lenet -o ./x.onnx", f"can't write `./x.onnx`: {GONE}"),
        ("compile lenet -o {folder}/x.onnx", ""),
        ("compile lenet -o no/x.onnx", "can't write `no/x.onnx`: there is no folder `no`"),
        ("init lenet -o x.yaml", f"can't write `x.yaml`: {GONE}"),
        ("verify lenet", f"{GONE}, and PyTorch can't compute without one"),
    ],
)
def test_a_current_folder_that_is_gone(tmp_path: Path, command: str, message: str) -> None:
    (tmp_path / "gone").mkdir()
    words = command.format(folder=tmp_path).split()
    line = 'cd gone; rmdir ../gone; exec "$@"'
    program = "from netspec.cli import main; main()"
    done = subprocess.run(
        ["sh", "-c", line, "sh", sys.executable, "-c", program, *words],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == bool(message)
    assert "Traceback" not in done.stderr
    if message:
        assert f"error[cannot-{'write' if 'write' in message else 'read'}]: {message}\n" in (
            done.stdout + done.stderr
        )
