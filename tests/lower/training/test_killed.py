"""Runs that are killed where nothing can be put in order, and go on to the same bits."""

import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

import netspec
from tests.lower.training import killed
from tests.lower.training.scripts import (
    RECIPE,
    SPEC,
    assert_same,
    loaded,
    script,
    write_data,
)

LONG = RECIPE.replace("snapshot: 1", "snapshot: 2").replace("max_iter: 8", "max_iter: 60")
KILLS = 20
HOW = {"workers": "workers: 2\n", "sharded": "sharding: true\nsync_batchnorm: true\n"}


def prepared(folder: Path, text: str) -> None:
    graph = netspec.loads(SPEC)
    write_data(folder)
    (folder / "net.py").write_text(graph.to_source())
    (folder / "train.py").write_text(script(graph, text))


def test_killed_at_chosen_moments(tmp_path: Path) -> None:
    text = RECIPE.replace("snapshot: 1", "snapshot: 2")
    prepared(tmp_path, text)
    with loaded(netspec.loads(SPEC), text) as made:
        assert made.__dict__["train"](tmp_path / "whole", tmp_path) == 0
        for place in (("in a pass", "4"), ("in a save", "1"), ("after a save", "2")):
            program = [sys.executable, killed.__file__, *place]
            done = subprocess.run(program, cwd=tmp_path, capture_output=True, check=False)
            assert done.returncode == -signal.SIGKILL, done.stderr
        assert made.__dict__["train"](tmp_path / "run", tmp_path) == 0
    assert_same(tmp_path / "run", tmp_path / "whole")
    for name in ("log.csv", "test.csv"):
        tables = [(tmp_path / each / name).read_text() for each in ("run", "whole")]
        assert tables[0] == tables[1]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["alone", "workers", "torchrun", "sharded"])
def test_killed_at_random_moments(how: str, tmp_path: Path) -> None:
    """Wherever that is: nothing is asked of how far a run has come."""
    prepared(tmp_path, LONG + HOW.get(how, ""))
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    program = [
        sys.executable,
        *launcher * (how in ("torchrun", "sharded")),
        killed.__file__,
        "nowhere",
        "0",
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([*program, "--out", "whole"], cwd=tmp_path, env=environment, check=True)
    drawn, kills = random.Random(7), 0
    while True:
        with subprocess.Popen(
            [*program, "--out", "run"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        ) as child:
            if kills < KILLS:
                kill(child, tmp_path, drawn)
            child.communicate()
        kills += child.returncode != 0
        if child.returncode == 0:
            assert_same(tmp_path / "run", tmp_path / "whole")
            if kills == KILLS:
                return
            shutil.rmtree(tmp_path / "run")


def kill(child: "subprocess.Popen[str]", folder: Path, drawn: random.Random) -> None:
    """Kill a process of a run once it has shown some lines, if it is still there."""
    assert child.stdout is not None
    for _ in range(drawn.randint(1, 12)):
        child.stdout.readline()
    pids = sorted(folder.glob("pid*"))
    with suppress(subprocess.TimeoutExpired):
        child.wait(drawn.uniform(0, 0.02))
    with suppress(ProcessLookupError):
        os.kill(int(drawn.choice(pids).read_text()), signal.SIGKILL)
