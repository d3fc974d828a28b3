"""Training scripts shared by two processes: a program for torchrun, which starts slowly, so that
it runs many of them.
"""

import contextlib
import gc
import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import torch
import torch.distributed as dist

from netspec import Network
from tests.lower.training.scripts import script

STOPPED = "_stopped"
"""The end of the name of a case that is stopped in its fifth pass, and goes on."""
Cases: TypeAlias = Mapping[str, tuple[Network, str]]
"""Networks and the texts of their recipes, by the names of their folders."""


def run_together(cases: Cases, folder: Path, data: Path) -> None:
    """Train each case with two processes, with the data of a folder.

    Each has a folder with `run`, and `told0.txt` with what the first process said on stderr.
    """
    for name, (graph, text) in cases.items():
        (folder / name).mkdir()
        (folder / name / "net.py").write_text(graph.to_source())
        (folder / name / "train.py").write_text(script(graph, text))
    program = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    program += ["--nproc-per-node", "2", __file__, str(data)]
    done = subprocess.run(
        [*program, *(str(folder / name) for name in cases)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def stopping(loss_of: Any, passes: int) -> Any:
    """A script's loss, in a pass of which there is a signal to stop."""
    calls = count(1)

    def loss(*given: Any) -> Any:
        if next(calls) == passes:
            signal.raise_signal(signal.SIGTERM)
        return loss_of(*given)

    return loss


def train(folder: Path, data: Path) -> None:
    """Train what a folder has, in this process."""
    sys.path.insert(0, str(folder))
    dtype = torch.get_default_dtype()
    try:
        rank = os.environ["RANK"]
        with (folder / f"told{rank}.txt").open("w") as file, contextlib.redirect_stderr(file):
            made: Any = importlib.import_module("train")
            if folder.name.endswith(STOPPED) and rank == "1":
                made.loss_of = stopping(made.loss_of, 5)
            if folder.name.endswith(STOPPED):
                assert made.train(folder / "run", data) == 128 + signal.SIGTERM
                dist.barrier()  # as between runs
            assert made.train(folder / "run", data) == 0
    finally:
        torch.set_default_dtype(dtype)
        sys.path.remove(str(folder))
        for name in ("net", "train"):
            del sys.modules[name]


if __name__ == "__main__":
    dist.init_process_group("gloo")
    for each in sys.argv[2:]:
        train(Path(each), Path(sys.argv[1]))
    gc.collect()  # as scripts do: what still holds the group could abort the process at its end
    dist.destroy_process_group()
