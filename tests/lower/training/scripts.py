"""Training scripts, run in this process: what they leave behind is taken back."""

import contextlib
import copy
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save

from netspec.diagnostics import Diagnostics, SourceText
from netspec.graph import Graph
from netspec.lower.torch import to_source
from netspec.lower.training import to_script
from netspec.recipes import RecipeText, placed_recipe

LENET = """\
recipe: 1
data: {format: digits}
batch_size: 32
loss: {ip2: {type: softmax}}
base_lr: 0.01
lr_policy: fixed
momentum: 0.9
max_iter: 6
snapshot: 1
seed: 3
"""
"""A recipe for the stock LeNet, the end of which tests write over."""
SPEC = """\
netspec: 1
name: Net
inputs: {x: [N, 4]}
layers:
  - {name: one, type: InnerProduct, num_output: 8, param: [{lr_mult: 1}, {lr_mult: 2}]}
  - {name: bn, type: BatchNorm}
  - {name: relu, type: ReLU}
  - {name: drop, type: Dropout}
  - {name: two, type: InnerProduct, num_output: 3}
"""
RECIPE = """\
recipe: 1
data: {format: npz, train: train.npz, test: train.npz}
batch_size: 7
loss: {two: {}}
base_lr: 0.1
lr_policy: cosine
momentum: 0.9
weight_decay: 0.01
max_iter: 8
display: 1
test_interval: 3
snapshot: 1
seed: 5
"""
"""17 items in batches of 7: epochs end within a batch."""


def write_data(folder: Path) -> None:
    drawn = np.random.default_rng(0)
    arrays: dict[str, Any] = {"x": drawn.normal(size=(17, 4)), "label": drawn.integers(0, 3, 17)}
    np.savez(folder / "train.npz", **arrays)


def recipe(text: str) -> RecipeText:
    return placed_recipe(SourceText("recipe.yaml", text), Diagnostics())


def script(graph: Graph, text: str) -> str:
    return to_script(graph, recipe(text))


def module(name: str, text: str, folder: Path = Path()) -> ModuleType:
    made = ModuleType(name)
    made.__file__ = str(folder / f"{name}.py")
    exec(compile(text, f"{name}.py", "exec"), made.__dict__)
    return made


@contextlib.contextmanager
def loaded(graph: Graph, text: str, folder: Path = Path()) -> Iterator[ModuleType]:
    """The script of a recipe as a module of that folder, for as long as the block lasts."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    dtype, state = torch.get_default_dtype(), torch.get_rng_state()
    sys.modules["net"] = module("net", to_source(graph))
    try:
        yield module("train", script(graph, text), folder)
    finally:
        del sys.modules["net"]
        torch.set_default_dtype(dtype)
        torch.set_rng_state(state)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def steps_of(made: ModuleType, out: Path, *folder: Path) -> list[dict[str, Any]]:
    """What a script that saves after every step has saved, run to its end."""
    saved: list[dict[str, Any]] = []

    def keep(state: dict[str, Any], path: Path) -> None:
        saved.append(copy.deepcopy(state))

    made.__dict__["write"] = keep
    assert made.__dict__["train"](out, *folder) == 0
    return saved


def checkpoint_of(run: Path) -> dict[str, Any]:
    """The last checkpoint of a run, whose parts become a whole beside its folder."""
    whole = run / "checkpoint.pt"
    if not whole.exists():
        (parts,) = run.glob("checkpoint-*")
        assert (run / "checkpoint.txt").read_text() == parts.name
        whole = run.with_suffix(".pt")
        dcp_to_torch_save(parts, whole)
    state = torch.load(whole, weights_only=True)
    assert isinstance(state, dict)
    return state


def assert_same(one: Path, other: Path) -> None:
    """The same weights to the bit, and the same state of the optimizer."""
    states = [checkpoint_of(each) for each in (one, other)]
    assert states[0]["step"] == states[1]["step"]
    for name, value in states[0]["model"].items():
        assert torch.equal(value, states[1]["model"][name]), name
    assert str(states[0]["optimizer"]) == str(states[1]["optimizer"])
