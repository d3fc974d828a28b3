"""The program as a process of its own: what it imports, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

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


WEIGHTS = 4 * 60_965_224
"""The bytes of AlexNet's weights; its ONNX file is a little longer."""


BEGUN = """
import sys
from netspec.cli import main
sys.argv = ["netspec", "compile", "alexnet", "-o", {path!r}]
print("begun", flush=True)
main()
"""
"""Says when it's the program that would be interrupted, and no longer Python on its way to it."""


def test_interrupted_compile_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "alexnet.onnx"
    path.write_bytes(b"old")
    command = [sys.executable, "-c", BEGUN.format(path=str(path))]
    for delay in (0.1, 0.4, 0.8, 1.6):
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode in (130, 0)
        assert "Traceback" not in err
        # The signal may come when the new file has already taken the old one's place.
        size = path.stat().st_size
        assert size == len(b"old") or size > WEIGHTS
        assert os.listdir(tmp_path) == ["alexnet.onnx"]


def test_module_and_script_are_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "netspec 0.1.0\n"


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
