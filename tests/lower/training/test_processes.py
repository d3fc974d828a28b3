"""What processes share is what one does alone."""

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import netspec
from netspec.diagnostics import SpecError
from tests.lower.training.scripts import RECIPE, SPEC, checkpoint_of, loaded, script, steps_of
from tests.lower.training.together import run_together

EXACT = RECIPE + "precision: float64\niter_size: 2\nclip_gradients: 0.5\n"
NORMALIZED = """\
netspec: 1
name: Net
inputs: {x: [N, 4]}
layers:
  - {name: grid, type: Reshape, shape: [0, 1, 2, 2]}
  - {name: conv, type: Convolution, num_output: 3, kernel_size: 1, bias_term: false}
  - {name: bn, type: BatchNorm}
  - {name: relu, type: ReLU}
  - {name: one, type: InnerProduct, num_output: 4, bias_term: false}
  - {name: plain, type: BatchNorm, affine: false, use_global_stats: false}
  - {name: two, type: InnerProduct, num_output: 3}
"""
"""BatchNorm with four axes and with two."""
PLAIN = "\n".join(each for each in SPEC.splitlines() if "Norm" not in each and "Drop" not in each)
"""Nothing that sees a batch as a whole, or draws."""
EQUAL = {
    "plain": (PLAIN, EXACT),
    "normalized": (NORMALIZED, EXACT + "sync_batchnorm: true\n"),
    "sharded": (PLAIN, EXACT + "sharding: true\n"),
    "sharded_normalized": (NORMALIZED, EXACT + "sync_batchnorm: true\nsharding: true\n"),
}
SHARDED = RECIPE + "sync_batchnorm: true\nsharding: true\noptimizer: Adam\nfreeze: [one.weight]\n"
CASES = {
    **EQUAL,
    "own": (SPEC, RECIPE),
    "parts": (SPEC, SHARDED),
    "parts_stopped": (SPEC, SHARDED),
}


def write_data(folder: Path) -> None:
    """19 items: in tests of 7 the second process has one less than the first."""
    drawn = np.random.default_rng(0)
    arrays: dict[str, Any] = {"x": drawn.normal(size=(19, 4)), "label": drawn.integers(0, 3, 19)}
    np.savez(folder / "train.npz", **arrays)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all cases, each trained by two processes."""
    folder = tmp_path_factory.mktemp("together")
    write_data(folder)
    cases = {name: (netspec.loads(spec), text) for name, (spec, text) in CASES.items()}
    run_together(cases, folder, folder)
    return folder


@pytest.mark.parametrize("name", EQUAL)
def test_two_processes_are_one(name: str, together: Path, tmp_path: Path) -> None:
    """A batch of 7 is shared as 3 and 4."""
    spec, text = EQUAL[name]
    with loaded(netspec.loads(spec), text) as made:
        alone = steps_of(made, tmp_path, together)[-1]["model"]
    shared = checkpoint_of(together / name / "run")["model"]
    assert {*shared} == {*alone}
    for key, value in alone.items():
        torch.testing.assert_close(shared[key], value, rtol=1e-10, atol=1e-12)
    for table in ("log.csv", "test.csv"):
        ours, theirs = (rows(each / table) for each in (tmp_path, together / name / "run"))
        assert len(ours) == len(theirs)
        for one, two in zip(ours, theirs, strict=True):
            assert one == pytest.approx(two)
    assert (together / name / "told0.txt").read_text() == ""


def rows(table: Path) -> list[dict[str, float]]:
    read = csv.DictReader(table.read_text().splitlines())
    return [{name: float(value) for name, value in row.items()} for row in read]


def test_resuming_of_parts_is_exact(together: Path) -> None:
    """With Dropout, and weights that are frozen."""
    whole, again = (checkpoint_of(together / name / "run") for name in ("parts", "parts_stopped"))
    assert again["step"] == whole["step"] == 8
    assert str(again) == str(whole)
    for name, value in whole["model"].items():
        assert torch.equal(again["model"][name], value), name
    told = (together / "parts_stopped" / "told0.txt").read_text()
    assert told == "stopped after step 5; the same command goes on\n"


def test_statistics_of_a_share_are_said(together: Path) -> None:
    assert (together / "own" / "told0.txt").read_text() == (
        "BatchNorm takes the statistics of each process's share of a batch; "
        "`sync_batchnorm: true` has them shared\n"
    )
    assert (together / "own" / "told1.txt").read_text() == ""


def test_tests_take_the_first_process_statistics(together: Path) -> None:
    state = checkpoint_of(together / "own" / "run")
    with loaded(netspec.loads(SPEC), RECIPE) as made:
        model = made.__dict__["Net"]()
        model.load_state_dict(state["model"])
        figures = made.__dict__["test"](model, made.__dict__["Arrays"](together / "train.npz"))
    last = rows(together / "own" / "run" / "test.csv")[-1]
    assert {name: last[name] for name in figures} == pytest.approx(figures)
    assert math.isfinite(last["loss"])


def test_what_cannot_be_in_parts() -> None:
    shared = PLAIN.replace("num_output: 8, param: [{lr_mult: 1}, {lr_mult: 2}]", "num_output: 4")
    shared = shared.replace("name: one,", "name: one, param: [{name: w}, {name: b}],")
    twin = "  - {name: twin, type: InnerProduct, num_output: 4, param: [{name: w}, {name: b}]}\n"
    shared = shared.replace("  - {name: relu", f"{twin}  - {{name: relu")
    told = {
        SPEC: [
            (
                "recipe.yaml:14:11",
                "`sharding` needs statistics of a batch that processes share",
                "say `sync_batchnorm: true`",
            )
        ],
        shared: [
            (
                "recipe.yaml:14:11",
                "`sharding` takes no weights that layers share, as `twin.weight` and `twin.bias`",
                "leave it out: each process then keeps all weights",
            )
        ],
    }
    for spec, expected in told.items():
        with pytest.raises(SpecError) as found:
            script(netspec.loads(spec), RECIPE + "sharding: true\n")
        diagnostics = found.value.diagnostics
        assert [(str(each.span), each.message, each.help) for each in diagnostics] == expected


@pytest.mark.parametrize("spec", [PLAIN, SPEC])
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
