"""Training scripts as they run: stopped anywhere, shared by processes, and what they refuse."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import netspec
from tests.lower.training.scripts import (
    LENET,
    RECIPE,
    SPEC,
    assert_same,
    loaded,
    module,
    script,
    steps_of,
    write_data,
)


@pytest.mark.parametrize("more", ["", "optimizer: Adam\niter_size: 2\n", "workers: 2\n"])
def test_resuming_anywhere_is_exact(
    more: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_data(tmp_path)
    with loaded(netspec.loads(SPEC), RECIPE + more) as made:
        train, write = made.__dict__["train"], made.__dict__["write"]
        kept: list[Path] = []

        def keep(state: dict[str, Any], path: Path) -> None:
            write(state, path)
            kept.append(tmp_path / f"{state['step']}.pt")
            shutil.copy(path, kept[-1])

        made.__dict__["write"] = keep
        assert train(tmp_path / "whole", tmp_path) == 0
        made.__dict__["write"] = write
        capsys.readouterr()
        assert train(tmp_path / "whole", tmp_path) == 0
        assert capsys.readouterr().err == "the run is at its end: step 8 of 8\n"
        assert [each.stem for each in kept] == [str(step) for step in range(1, 9)]
        for step in (1, 2, 5) if not more else (5,):
            out = tmp_path / f"from{step}"
            shutil.copytree(tmp_path / "whole", out)
            shutil.copy(tmp_path / f"{step}.pt", out / "checkpoint.pt")
            assert train(out, tmp_path) == 0
            for name in ("log.csv", "test.csv"):
                assert (out / name).read_text() == (tmp_path / "whole" / name).read_text()
            assert_same(out, tmp_path / "whole")


def test_float16(tmp_path: Path) -> None:
    """Refused on a CPU; there it runs all the same if the refusal is taken out, and a run that goes
    on has the scale that there was.
    """
    write_data(tmp_path)
    graph, text = netspec.loads(SPEC), RECIPE + "precision: float16\nclip_gradients: 35\n"
    with loaded(graph, text) as made, pytest.raises(SystemExit) as found:
        made.__dict__["train"](tmp_path / "refused", tmp_path)
    assert str(found.value) == "float16 is for GPUs; a CPU computes it slower than float32"
    refusal = 'DEVICE.type == "cpu"'
    with loaded(graph, text):
        made = module("train", script(graph, text).replace(refusal, "False"))
        write, saved = made.__dict__["write"], []

        def keep(state: dict[str, Any], path: Path) -> None:
            write(state, path)
            saved.append(torch.load(path, weights_only=True))

        made.__dict__["write"] = keep
        assert made.__dict__["train"](tmp_path / "whole", tmp_path) == 0
        scales = [each["scaler"]["scale"] for each in saved]
        assert scales[-1] <= scales[0] <= 65536
        out = tmp_path / "from3"
        shutil.copytree(tmp_path / "whole", out)
        torch.save(saved[2], out / "checkpoint.pt")
        assert made.__dict__["train"](out, tmp_path) == 0
        assert_same(out, tmp_path / "whole")
        state = torch.load(out / "checkpoint.pt", weights_only=True)
        assert state["scaler"] == saved[7]["scaler"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_after_the_step(
    number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_data(tmp_path)
    with loaded(netspec.loads(SPEC), RECIPE.replace("snapshot: 1\n", "")) as made:
        assert made.__dict__["train"](tmp_path / "whole", tmp_path) == 0
        loss_of, passes = made.__dict__["loss_of"], []

        def interrupted(*given: Any) -> Any:
            passes.append(1)
            if len(passes) == 3:
                signal.raise_signal(number)
            return loss_of(*given)

        made.__dict__["loss_of"] = interrupted
        capsys.readouterr()
        assert made.__dict__["train"](tmp_path / "run", tmp_path) == 128 + number
        told = capsys.readouterr().err
        assert told == "stopped after step 3; the same command goes on\n"
        state = torch.load(tmp_path / "run" / "checkpoint.pt", weights_only=True)
        assert state["step"] == 3
        assert made.__dict__["train"](tmp_path / "run", tmp_path) == 0
        assert_same(tmp_path / "run", tmp_path / "whole")


def run(folder: Path, text: str, *more: str) -> "subprocess.CompletedProcess[str]":
    """A script run by Python in a session of its own; what never ends fails."""
    (folder / "net.py").write_text(netspec.loads(SPEC).to_source())
    (folder / "train.py").write_text(text)
    return subprocess.run(
        [sys.executable, "train.py", *more],
        check=False,
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        text=True,
        capture_output=True,
        start_new_session=True,
        timeout=300,
    )


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def test_a_signal_to_all_processes_leaves_the_step_its_data(tmp_path: Path) -> None:
    """As of a terminal or a batch system: the workers read on until the run ends them."""
    write_data(tmp_path)
    text = script(netspec.loads(SPEC), RECIPE.replace("snapshot: 1\n", "") + "workers: 2\n")
    ends = "        if step == 2:\n            os.killpg(0, signal.SIGTERM)\n"
    drawn = '        drawn = seed("step", step, RANK)\n'
    stopped = run(tmp_path, changed(text, drawn, ends + drawn))
    assert stopped.returncode == 128 + signal.SIGTERM
    assert stopped.stderr == "stopped after step 3; the same command goes on\n"


FAULTS = {
    "in a worker": ("        indices = [", '        raise MemoryError("none left")\n'),
    "in a step": ("    x, label = batch\n", '    raise MemoryError("none left")\n'),
}


@pytest.mark.parametrize("where", FAULTS)
def test_a_fault_ends_the_workers(where: str, tmp_path: Path) -> None:
    """A traceback that Python keeps holds what reads ahead: the workers live until the exit."""
    write_data(tmp_path)
    recipe = RECIPE.replace("test_interval: 3\n", "") + "workers: 2\n"
    line, fault = FAULTS[where]
    text = changed(script(netspec.loads(SPEC), recipe), line, fault + line)
    ended = run(tmp_path, text)
    assert ended.returncode == 1
    assert "MemoryError" in ended.stderr
    assert "none left" in ended.stderr


def test_every_item_is_in_every_epoch() -> None:
    with loaded(netspec.loads(SPEC), RECIPE) as made:
        batches = made.__dict__["batches"]
        keys = [key for batch in batches(17, 0, 17) for key in batch]
        assert sorted(keys) == [(epoch, i) for epoch in range(7) for i in range(17)]
        orders = [[i for epoch, i in keys if epoch == each] for each in range(7)]
        assert len({tuple(order) for order in orders}) == 7
        assert [*batches(17, 5, 17)] == [*batches(17, 0, 17)][5:]
        made.__dict__["WORLD"] = 3
        shares = []
        for rank in range(3):
            made.__dict__["RANK"] = rank
            shares.append([*batches(17, 0, 17)])
        assert [[*chain(*each)] for each in zip(*shares, strict=True)] == [
            keys[at : at + 7] for at in range(0, 7 * 17, 7)
        ]


def spoilt(name: str, value: Any) -> dict[str, Any]:
    arrays: dict[str, Any] = {"x": np.zeros((6, 4)), "label": np.zeros(6, dtype=int), name: value}
    return {key: each for key, each in arrays.items() if each is not None}


MISTAKES = {
    "train.npz has no array label": spoilt("label", None),
    "train.npz: an item of x is (5,), not (4,)": spoilt("x", np.zeros((6, 5))),
    "train.npz: label is of 5 items": spoilt("label", np.zeros(5, dtype=int)),
    "train.npz: x is of 0 items": spoilt("x", np.zeros((0, 4))),
    "train.npz: label should be from 0 to 2": spoilt("label", np.full(6, 3)),
    "step 1: the loss is nan": spoilt("x", np.full((6, 4), np.nan)),
}


@pytest.mark.parametrize("told", MISTAKES)
def test_data_that_the_network_does_not_take(told: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "train.npz", **MISTAKES[told])
    text = RECIPE.replace("test_interval: 3\n", "")
    with loaded(netspec.loads(SPEC), text) as made, pytest.raises(SystemExit) as found:
        made.__dict__["train"](tmp_path / "run", tmp_path)
    assert str(found.value).removeprefix(f"{tmp_path}/") == told
    assert not (tmp_path / "run" / "checkpoint.pt").exists()


def test_a_missing_file(tmp_path: Path) -> None:
    with loaded(netspec.loads(SPEC), RECIPE) as made, pytest.raises(SystemExit) as found:
        made.__dict__["train"](tmp_path / "run", tmp_path)
    path = tmp_path / "train.npz"
    assert str(found.value) == f"can't read {path}: No such file or directory"


def spoil_bytes(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100] ^= 255
    path.write_bytes(data)


def save_one(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


BROKEN: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("x\n"),
    "the beginning of one": lambda path: path.write_bytes(path.read_bytes()[:300]),
    "other bytes": spoil_bytes,
    "one array": save_one,
    "objects": lambda path: np.savez(path, x=np.array([{}]), label=np.array([{}])),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_file(how: str, tmp_path: Path) -> None:
    write_data(tmp_path)
    path = tmp_path / "train.npz"
    BROKEN[how](path)
    with loaded(netspec.loads(SPEC), RECIPE) as made, pytest.raises(SystemExit) as found:
        made.__dict__["train"](tmp_path / "run", tmp_path)
    told = f"can't read {path}: it's no whole .npz file of numbers"
    assert str(found.value) == told


def test_lenet_on_digits(tmp_path: Path) -> None:
    with loaded(netspec.load("lenet"), LENET + "precision: bfloat16\n") as made:
        saved = steps_of(made, tmp_path / "run")
    assert len(saved) == 6
    assert saved[0]["model"]["conv1.weight"].dtype == torch.float32
