"""The program as a process of its own: what it imports, and how it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

IMPORTS = """
import sys
from netspec.cli import main
sys.argv = ["netspec", *{arguments!r}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(*sys.modules, file=sys.stderr)
"""


def modules_of(*arguments: str) -> set[str]:
    """The modules that a run has imported."""
    program = IMPORTS.format(arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_summary_imports_no_framework() -> None:
    imported = modules_of("summary", "alexnet")
    assert not imported & {"torch", "onnx", "onnxruntime", "numpy", "jinja2", "rich"}
    assert "yaml" in imported


def test_check_imports_no_framework() -> None:
    assert not modules_of("check", "alexnet") & {"torch", "onnx", "onnxruntime", "numpy", "jinja2"}


def test_onnx_is_written_without_torch(tmp_path: Path) -> None:
    imported = modules_of("compile", "lenet", "-o", str(tmp_path / "lenet.onnx"))
    assert "torch" not in imported
    assert "onnx" in imported


def test_source_is_written_without_torch(tmp_path: Path) -> None:
    imported = modules_of("compile", "lenet", "-o", str(tmp_path / "lenet.py"))
    assert not imported & {"torch", "onnx", "numpy"}


INTERRUPTED = """
import signal, sys
from netspec import interrupts

left = {step}

def count(event, arguments):
    global left
    left -= 1
    if left == 0:
        signal.raise_signal({number})

def begin(begin=interrupts.end_on_signals):
    begin()
    sys.addaudithook(count)

interrupts.end_on_signals = begin
from netspec.cli import main
sys.argv = ["netspec", "compile", "lenet", "-o", {path!r}]
try:
    main()
finally:
    print({step} - left)
"""
"""A compilation that a signal ends at one of its steps, those that Python tells of: an import, a
file that is opened, a name that is given."""


def interrupted(path: Path, number: int, step: int) -> subprocess.CompletedProcess[str]:
    program = INTERRUPTED.format(path=str(path), number=number, step=step)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("times", [6, pytest.param(60, marks=pytest.mark.slow)])
def test_interrupted_compile_leaves_the_old_file(tmp_path: Path, times: int) -> None:
    path = tmp_path / "lenet.onnx"
    path.write_bytes(b"old")
    whole = interrupted(path, signal.SIGINT, 10**9)
    assert whole.returncode == 0
    steps, new = int(whole.stdout), path.read_bytes()
    # From the first step to the very last ones, in which the file gets its name.
    chosen = [1 + (steps - 1) * turn // (times - 4) for turn in range(times - 4)]
    chosen += [steps - back for back in range(4)]
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for turn, step in enumerate(chosen):
        path.write_bytes(b"old")
        number = signals[turn % len(signals)]
        done = interrupted(path, number, step)
        assert (done.returncode, done.stderr) == (128 + number, "")
        assert path.read_bytes() in (b"old", new)
        assert os.listdir(tmp_path) == ["lenet.onnx"]


def test_a_signal_that_is_ignored_stays_so() -> None:
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from netspec.interrupts import end_on_signals; end_on_signals()\n"
        "signal.raise_signal(signal.SIGINT); print('on')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "on\n"


def test_little_is_imported_before_the_program_takes_care_of_signals() -> None:
    program = "import sys; old = {*sys.modules}; import netspec.cli; print(*{*sys.modules} - old)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    ours = {"netspec", "netspec.cli", "netspec.interrupts"}
    imported = set(done.stdout.split())
    assert ours <= imported
    assert not imported & {"typing", "re", "typer", "pydantic", "yaml"}
    assert {name for name in imported if name.startswith("netspec")} == ours


def test_a_library_leaves_signals_alone() -> None:
    program = (
        "import signal\n"
        "def now(): return [signal.getsignal(n) for n in signal.valid_signals()]\n"
        "before = now()\n"
        "import netspec\n"
        "netspec.load('lenet').to_source()\n"
        "assert now() == before"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_modules_can_be_imported_in_any_order() -> None:
    program = (
        "from netspec.api import load\n"
        "from netspec import arguments, layers, output\n"
        "import netspec\n"
        "assert netspec.load is load"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_module_and_script_are_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "netspec 0.2.0\n"


def test_a_closed_pipe_ends_quietly() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "netspec", "list", "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.wait(timeout=60)
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
