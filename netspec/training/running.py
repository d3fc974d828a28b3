"""A script run in processes of its own, by Python or by torchrun.

They are apart because of what a script sets for all of its process: handlers of signals, the
element type of new tensors, the group of processes, the seed.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

from netspec.graph import Graph
from netspec.lower.training import write_all
from netspec.recipes import RecipeText
from netspec.training.arrays import Arrays, write_arrays
from netspec.training.folder import SCRIPT, Folder
from netspec.training.needs import require_packages

_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(folder: Folder, data: Path | None = None, processes: int = 1) -> int:
    """Run a prepared folder's script to its end; gives 0, 1 for what it refuses, or 128 and the
    number of the signal that stopped it.

    A signal to this process goes on to the script, which stops after the step and saves it.
    """
    command = [*_launcher(processes), str(folder.path / SCRIPT), "--out", str(folder.path)]
    if data is not None:
        command += ("--data", str(data))
    # In a session of its own: a terminal's Ctrl-C comes here alone, and goes on once.
    child = subprocess.Popen(command, env=_environment(processes), start_new_session=True)
    with _forwarding(child) as sent:
        status = child.wait()
    if status == 0:
        return 0
    if status < 0:
        return 128 - status
    return 128 + sent[0] if sent else status if status > 128 else 1


def train_in(
    folder: Folder,
    graph: Graph,
    asked: RecipeText,
    data: Path | None = None,
    processes: int = 1,
    kept: Mapping[str, Arrays] | None = None,
) -> int:
    """Train a network in a folder from its beginning, or from where the run there is; gives what
    `run` does, and leaves the weights of a run that has ended. Arrays that are `kept` go into files
    of those names there.

    SpecError where the recipe can't train the network, or something that it needs is missing.
    """
    folder.prepare(graph, asked)
    require_packages(asked.recipe)
    if kept:
        write_all(folder.path, {name: partial(write_arrays, each) for name, each in kept.items()})
    status = run(folder, data, processes)
    if status == 0 and folder.is_begun:
        folder.keep_weights(graph)
    return status


def _launcher(processes: int) -> Sequence[str]:
    if processes == 1:
        return [sys.executable]
    options = ("--standalone", "--nproc-per-node", str(processes))
    return [sys.executable, "-m", f"{__package__}.launching", *options]


def _environment(processes: int) -> dict[str, str]:
    found = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    if processes > 1:
        # Else torchrun takes one thread for each, and says so.
        threads = max(1, (os.cpu_count() or 1) // processes)
        found.setdefault("OMP_NUM_THREADS", str(threads))
    return found


@contextmanager
def _forwarding(child: "subprocess.Popen[bytes]") -> Iterator[list[int]]:
    """Send on the first signal that comes, for as long as the block lasts."""
    sent: list[int] = []

    def forward(number: int, frame: FrameType | None) -> None:
        if not sent:
            # What closes a terminal stops the run, as the script knows it.
            known = signal.SIGTERM if number == signal.SIGHUP else signal.Signals(number)
            sent.append(known)
            child.send_signal(known)

    old = {each: signal.signal(each, forward) for each in _FORWARDED}
    try:
        yield sent
    finally:
        for each, handler in old.items():
            signal.signal(each, handler)
