"""Scripts run by torchrun: what processes share is what one does alone."""

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import netspec
from netspec import Network
from netspec.diagnostics import SpecError
from tests.lower.training.scripts import RECIPE, SPEC, loaded, script, steps_of, write_data

EXACT = RECIPE + "precision: float64\niter_size: 2\nclip_gradients: 0.5\n"
NORMALIZED = """\
netspec: 1
name: Net
inputs: {x: [N, 2, 4, 4]}
layers:
  - {name: conv, type: Convolution, num_output: 3, kernel_size: 3, bias_term: false}
  - {name: bn, type: BatchNorm}
  - {name: relu, type: ReLU}
  - {name: one, type: InnerProduct, num_output: 4, bias_term: false}
  - {name: plain, type: BatchNorm, affine: false, use_global_stats: false}
  - {name: two, type: InnerProduct, num_output: 3}
"""


def plain() -> str:
    """Without BatchNorm and Dropout, which see their share of a batch."""
    lines = SPEC.splitlines()
    return "\n".join(line for line in lines if "BatchNorm" not in line and "Drop" not in line)


def torchrun(graph: Network, text: str, folder: Path) -> str:
    """Train with two processes, in the folder `two`; what they say on stderr."""
    (folder / "net.py").write_text(graph.to_source())
    (folder / "train.py").write_text(script(graph, text))
    program = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    program += ["--nproc-per-node", "2", "train.py", "--out", "two"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        program, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def assert_tables_agree(folder: Path) -> None:
    for table in ("log.csv", "test.csv"):
        read = [
            [*csv.DictReader((folder / each / table).read_text().splitlines())]
            for each in ("alone", "two")
        ]
        for one, two in zip(*read, strict=True):
            assert {name: pytest.approx(float(value)) for name, value in one.items()} == {
                name: float(value) for name, value in two.items()
            }


@pytest.mark.parametrize(("spec", "more"), [(plain(), ""), (NORMALIZED, "sync_batchnorm: true\n")])
def test_two_processes_are_one(spec: str, more: str, tmp_path: Path) -> None:
    """A batch of 7 is shared as 3 and 4."""
    if more:
        drawn = np.random.default_rng(0)
        arrays: dict[str, Any] = {"x": drawn.normal(size=(17, 2, 4, 4))}
        np.savez(tmp_path / "train.npz", **arrays, label=drawn.integers(0, 3, 17))
    else:
        write_data(tmp_path)
    graph = netspec.loads(spec)
    with loaded(graph, EXACT + more) as made:
        alone = steps_of(made, tmp_path / "alone", tmp_path)
    assert "BatchNorm" not in torchrun(graph, EXACT + more, tmp_path)
    state = torch.load(tmp_path / "two" / "checkpoint.pt", weights_only=True)
    assert [*state["model"]] == [*alone[-1]["model"]]
    for name, value in alone[-1]["model"].items():
        torch.testing.assert_close(state["model"][name], value, rtol=1e-10, atol=1e-12)
    assert_tables_agree(tmp_path)


def test_statistics_of_a_share_are_said(tmp_path: Path) -> None:
    write_data(tmp_path)
    told = torchrun(netspec.loads(SPEC), RECIPE, tmp_path)
    assert told == (
        "BatchNorm takes the statistics of each process's share of a batch; "
        "`sync_batchnorm: true` has them shared\n"
    )


@pytest.mark.parametrize("spec", [plain(), SPEC])
def test_statistics_that_nothing_takes(spec: str) -> None:
    more = "sync_batchnorm: true\n" + ("freeze: [bn.*]\n" if "BatchNorm" in spec else "")
    with pytest.raises(SpecError) as found:
        script(netspec.loads(spec), RECIPE + more)
    (told,) = found.value.diagnostics
    assert (str(told.span), told.message, told.help) == (
        "recipe.yaml:14:17",
        "no layer takes statistics of a batch, which `sync_batchnorm` would share",
        "leave it out",
    )
