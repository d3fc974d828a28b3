"""What ends a run: one message each, and the last checkpoint is whole."""

import csv
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import netspec
from tests.lower.training.scripts import loaded

SPEC = """\
netspec: 1
name: Net
inputs: {x: [N, 4]}
layers:
  - {name: one, type: InnerProduct, num_output: 64}
  - {name: two, type: InnerProduct, num_output: 3}
"""
OWN = """\
netspec: 1
name: Net
inputs: {x: [N, 4], label: {shape: [N], dtype: int64, phase: TRAIN}}
layers:
  - {name: two, type: InnerProduct, num_output: 3, bottom: x}
  - {name: loss, type: SoftmaxWithLoss, bottom: [two, label], phase: TRAIN}
outputs: two
"""
RECIPE = """\
recipe: 1
data: {format: npz, train: train.npz}
batch_size: 5
loss: {two: {}}
base_lr: 0.1
lr_policy: fixed
max_iter: 6
display: 1
snapshot: 2
seed: 5
"""


def write_data(folder: Path, **others: Any) -> None:
    drawn = np.random.default_rng(0)
    arrays: dict[str, Any] = {"x": drawn.normal(size=(15, 4)), "label": drawn.integers(0, 3, 15)}
    np.savez(folder / "train.npz", **arrays | others)


def refusal(text: str, folder: Path, spec: str = SPEC) -> str:
    """What the run says as it ends."""
    with loaded(netspec.loads(spec), text) as made, pytest.raises(SystemExit) as found:
        made.__dict__["train"](folder / "run", folder)
    return str(found.value).replace(f"{folder}/", "")


def saved(folder: Path) -> dict[str, Any]:
    """The checkpoint, which a reader can read."""
    state: dict[str, Any] = torch.load(folder / "run" / "checkpoint.pt", weights_only=True)
    return state


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file can grow beyond so many bytes: what a full disk is to whoever writes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_checkpoint_that_finds_no_room(tmp_path: Path) -> None:
    """The one before stays, and the run goes on from it."""
    write_data(tmp_path)
    with loaded(netspec.loads(SPEC), RECIPE) as made:
        train = made.__dict__["train"]
        assert train(tmp_path / "whole", tmp_path) == 0
        write = made.__dict__["write"]

        def limited(state: dict[str, Any], path: Path) -> None:
            with files_of_at_most(1000 if state["step"] == 4 else 1 << 30):
                write(state, path)

        made.__dict__["write"] = limited
        with pytest.raises(SystemExit) as found:
            train(tmp_path / "run", tmp_path)
        assert str(found.value).startswith(f"can't write {tmp_path}/run/checkpoint.pt: ")
        assert saved(tmp_path)["step"] == 2
        made.__dict__["write"] = write
        assert train(tmp_path / "run", tmp_path) == 0
    whole = torch.load(tmp_path / "whole" / "checkpoint.pt", weights_only=True)
    for name, value in saved(tmp_path)["model"].items():
        assert torch.equal(value, whole["model"][name])
    tables = [(tmp_path / each / "log.csv").read_text() for each in ("run", "whole")]
    assert tables[0] == tables[1]


@pytest.mark.parametrize("size", [0, 10, 60])
def test_a_table_that_finds_no_room(
    size: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of it, half of its header, half of a row: the run that goes on tells all of it."""
    write_data(tmp_path)
    with loaded(netspec.loads(SPEC), RECIPE) as made:
        train, tell = made.__dict__["train"], made.__dict__["tell"]

        def limited(*given: Any, **more: Any) -> None:
            with files_of_at_most(size):
                tell(*given, **more)

        made.__dict__["tell"] = limited
        with pytest.raises(SystemExit) as found:
            train(tmp_path / "run", tmp_path)
        assert str(found.value).startswith(f"can't write {tmp_path}/run/log.csv: ")
        made.__dict__["tell"] = tell
        assert train(tmp_path / "run", tmp_path) == 0
    rows = [*csv.DictReader((tmp_path / "run" / "log.csv").read_text().splitlines())]
    assert [row["step"] for row in rows] == ["1", "2", "3", "4", "5", "6"]


def test_a_loss_that_is_no_number(tmp_path: Path) -> None:
    """It overflows after some steps, whose checkpoint stays."""
    write_data(tmp_path)
    text = RECIPE.replace("base_lr: 0.1", "base_lr: 1e18").replace("snapshot: 2", "snapshot: 1")
    told = refusal(text, tmp_path)
    step = saved(tmp_path)["step"]
    assert told in (f"step {step + 1}: the loss is nan", f"step {step + 1}: the loss is inf")
    assert step > 0


def test_labels_of_a_network_with_losses_of_its_own(tmp_path: Path) -> None:
    write_data(tmp_path, label=np.full(15, 3))
    text = RECIPE.replace("loss: {two: {}}\n", "")
    assert refusal(text, tmp_path, OWN) == "train.npz: label should be from 0 to 2"
    ignoring = OWN.replace("[two, label],", "[two, label], ignore_label: 3,")
    with loaded(netspec.loads(ignoring), text.replace("max_iter: 6", "max_iter: 1")) as made:
        assert made.__dict__["train"](tmp_path / "run", tmp_path) == 0


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    write_data(tmp_path)
    (tmp_path / "run").write_text("")
    assert refusal(RECIPE, tmp_path) == "can't write run: [Errno 17] File exists: 'run'"


def test_one_line_of_progress_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_data(tmp_path)
    with loaded(netspec.loads(SPEC), RECIPE) as made:
        assert made.__dict__["train"](tmp_path / "plain", tmp_path) == 0
        plain = capsys.readouterr().out.splitlines()
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        assert made.__dict__["train"](tmp_path / "run", tmp_path) == 0
    shown = capsys.readouterr().out
    assert shown.count("\r") == 5
    assert shown.endswith("\n")
    assert [each.rstrip() for each in shown.replace("\r", "\n").splitlines()] == plain


def test_figures_for_tensorboard(tmp_path: Path) -> None:
    accumulators = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    write_data(tmp_path)
    text = RECIPE + "tensorboard: true\n"
    with loaded(netspec.loads(SPEC), text) as made:
        made.__dict__["train"](tmp_path / "run", tmp_path)
    read = accumulators.EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    read.Reload()
    rows = [*csv.DictReader((tmp_path / "run" / "log.csv").read_text().splitlines())]
    found = {each.step: each.value for each in read.Scalars("log/loss")}
    assert found == {int(row["step"]): pytest.approx(float(row["loss"]), rel=1e-6) for row in rows}
