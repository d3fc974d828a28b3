"""The program on a terminal of its own, as wide as a test wants it."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def on_terminal(*arguments: str, width: int, **env: str) -> str:
    """All that a run prints there, without hints; `env` is what its environment has besides."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
    command = [sys.executable, "-m", "netspec", *arguments]
    ours = {"TERM": "xterm", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    no_hints = {"NETSPEC_STATE": os.devnull}  # which would be kept there
    environment = kept | ours | no_hints | env
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env=environment
    )
    os.close(slave)
    printed = b""
    while piece := _read(master):
        printed += piece
    os.close(master)
    assert process.wait(timeout=60) == 0, printed
    return printed.decode().replace("\r\n", "\n")


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65_536)
    except OSError:  # Linux says so where the other end is closed
        return b""
