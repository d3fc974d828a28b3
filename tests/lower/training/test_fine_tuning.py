"""Training that starts from weights: what is drawn anew, what stays as it is."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

import netspec
from netspec.diagnostics import SpecError, SpecWarning
from netspec.lower.training import script_files
from tests.lower.training.scripts import loaded, recipe, script

NET = """\
netspec: 1
name: Net
inputs: {data: [N, 1, 8, 8]}
vars: {classes: 10}
layers:
  - {name: conv, type: Convolution, num_output: 8, kernel_size: 3, bias_term: false}
  - {name: bn, type: BatchNorm}
  - {name: relu, type: ReLU}
  - {name: fc, type: InnerProduct, num_output: $classes}
"""
RECIPE = """\
recipe: 1
data: {format: digits}
batch_size: 64
loss: {fc: {}}
base_lr: 0.1
lr_policy: fixed
momentum: 0.9
weight_decay: 0.01
max_iter: 60
test_interval: 60
seed: 3
"""
TUNING = "weights: [first.npz]\nweights_prefix: model\nfresh: [fc.*]\nfreeze: [conv.*, bn.*]\n"


def trained(folder: Path, net: netspec.Network, text: str) -> dict[str, Any]:
    """The state that the script ends with, and its last test."""
    for name, write in script_files(net, recipe(text), "train.py").items():
        with (folder / name).open("wb") as file:
            write(file)
    with loaded(net, text, folder) as made:
        assert made.__dict__["train"](folder / "run") == 0
    state = torch.load(folder / "run" / "checkpoint.pt", weights_only=True)["model"]
    (*_, last) = (folder / "run" / "test.csv").read_text().splitlines()
    return {**state, "accuracy": float(last.rpartition(",")[2])}


def test_a_new_head_on_a_frozen_body(tmp_path: Path) -> None:
    """The body comes from a network of digits below 5, and learned what it knows there."""
    first = netspec.loads(NET, classes=5).to_torch(seed=1)
    first(torch.randn(32, 1, 8, 8))
    before = {name: value.numpy() for name, value in first.state_dict().items()}
    np.savez(tmp_path / "first.npz", **{f"model.{name}": before[name] for name in before})
    text = RECIPE + TUNING.replace("first.npz", str(tmp_path / "first.npz"))
    with pytest.warns(SpecWarning, match=r"filled `fc.weight` \(10×288, the weights' is 5×288\)"):
        after = trained(tmp_path, netspec.loads(NET), text)
    assert after.pop("accuracy") > 0.8
    body = [name for name in after if not name.startswith("fc.")]
    assert body == ["conv.weight", *(name for name in before if name.startswith("bn."))]
    for name in body:
        assert np.array_equal(after[name].numpy(), before[name]), name
    assert after["fc.weight"].shape == (10, 288)


def test_what_is_drawn_anew_is_that_of_to_torch(tmp_path: Path) -> None:
    net = netspec.loads(NET)
    path = tmp_path / "first.pth"
    torch.save(
        {"epoch": 3, "state_dict": netspec.loads(NET, classes=5).to_torch().state_dict()}, path
    )
    text = f"{RECIPE}weights: [{path}]\nfresh: [fc.*]\n".replace("max_iter: 60", "max_iter: 1")
    with pytest.warns(SpecWarning):
        trained(tmp_path, net, text)
    with pytest.warns(SpecWarning):
        model = net.to_torch(weights=path, fresh=["fc.*"], seed=3)
    for name, value in load_file(tmp_path / "start.safetensors").items():
        assert torch.equal(value, model.state_dict()[name])


def test_layers_that_are_frozen_are_run_as_in_tests() -> None:
    text = RECIPE + "freeze: [conv.*, bn.*]\n"
    with loaded(netspec.loads(NET), text) as made:
        model = netspec.loads(NET).to_torch()
        made.__dict__["set_training"](model)
    modes = {name: layer.training for name, layer in model.named_modules()}
    assert modes == {"": True, "conv": False, "bn": False, "relu": True, "fc": True}


UNKNOWN = "no parameter of the network is called"
MISTAKES = {
    "freeze: [conv]\n": ("12:9", f"{UNKNOWN} `conv`", "all of `conv` is `conv.*`"),
    "freeze: ['*']\n": (
        "12:9",
        "all weights of the network are frozen: nothing is trained",
        None,
    ),
    "fresh: [x]\nweights: [a.pt]\n": ("12:8", f"{UNKNOWN} `x`", None),
    "fresh: [fc.*]\n": ("12:8", "without `weights` all is fresh", "leave it out"),
    "weights_prefix: model\n": (
        "12:17",
        "without `weights` there is no prefix to their names",
        "leave it out",
    ),
    "weights: [a.pt, b.pt]\n": ("12:10", "`weights` should be one file", None),
}


@pytest.mark.parametrize("more", MISTAKES)
def test_mistakes(more: str) -> None:
    with pytest.raises(SpecError) as found:
        script(netspec.loads(NET), RECIPE + more)
    told = [
        (str(each.span).removeprefix("recipe.yaml:"), each.message, each.help)
        for each in found.value.diagnostics
    ]
    assert told == [MISTAKES[more]]


def test_weights_that_do_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "first.pth"
    torch.save(netspec.loads(NET, classes=5).to_torch().state_dict(), path)
    with pytest.raises(SpecError) as found:
        script_files(netspec.loads(NET), recipe(f"{RECIPE}weights: [{path}]\n"), "train.py")
    (told,) = found.value.diagnostics
    assert told.code == "weights-shape"


ODD = 'x*\\"""\'); raise SystemExit(3) #'


def test_a_recipe_is_data() -> None:
    """Whatever its texts hold stands in the script as text, and runs nothing."""
    net = netspec.loads(NET.replace("data:", "images:"))
    data = {"format": "npz", "train": ODD, "test": ODD}
    losses = {"fc": {"label": ODD}}
    values = yaml.safe_load(RECIPE) | {"data": data, "loss": losses, "doc": ODD, "net": ODD}
    with loaded(net, yaml.dump(values | {"freeze": ["conv*", "[b]n.*"]})) as made:
        assert (made.__dict__["TRAIN"], made.__dict__["TEST"]) == (ODD, ODD)
        assert [*made.__dict__["ARRAYS"]] == ["images", ODD]
        assert made.__dict__["FROZEN"] == ("conv*", "[b]n.*")
