"""Lightning's form of a recipe: its text, and that it trains as PyTorch alone does."""

import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

import netspec
from netspec.diagnostics import SpecError
from netspec.lower.torch import to_source
from netspec.lower.training import to_lightning
from tests.lower.training.scripts import RECIPE, SPEC, loaded, module, recipe, steps_of, write_data
from tests.lower.training.test_script import CIFAR, DIGITS, IMAGES, OTHERS, RATES, START, check_text

GOLDEN = Path(__file__).parent.parent.parent / "golden" / "training" / "lenet_digits_lightning.py"


def lightning_of(graph: netspec.Network, text: str) -> str:
    return to_lightning(graph, recipe(text))


def test_lenet_on_digits() -> None:
    """`UPDATE_GOLDEN=1` writes it anew."""
    text = lightning_of(netspec.load("lenet"), DIGITS)
    check_text(text)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


FORMATTED = {
    **{key: f"lr_policy: {key}\n{more}" for key, more in RATES.items()},
    **{key: text for key, text in OTHERS.items() if key not in ("plateau", "board", "float16")},
    "passes": "lr_policy: fixed\niter_size: 3\nclip_gradients: 35\nregularization_type: L1\n",
    "in epochs": "lr_policy: step\ngamma: 0.1\nstepsize_epochs: 30\nwarmup_epochs: 0.5\n",
    "bfloat16": "lr_policy: fixed\nprecision: bfloat16\nweights: [a.safetensors]\n"
    "test_interval: 5\n",
}


@pytest.mark.parametrize("more", FORMATTED.values(), ids=FORMATTED)
def test_other_recipes_are_formatted(more: str) -> None:
    check_text(lightning_of(netspec.load("lenet"), START + more))


@pytest.mark.parametrize("data", [IMAGES["exact"], IMAGES["scaled"]], ids=["exact", "scaled"])
def test_scripts_of_images_are_formatted(data: str) -> None:
    text = CIFAR.partition("batch_size")[2]
    data = data.replace("[224, 256, 384]", "[256]")
    check_text(lightning_of(netspec.load("resnet18"), f"recipe: 1\ndata: {data}batch_size{text}"))


def test_what_it_does_not_do() -> None:
    text = START + "lr_policy: fixed\nema: 0.9\nfreeze: [conv1.*]\ntensorboard: true\n"
    with pytest.raises(SpecError) as caught:
        lightning_of(netspec.load("lenet"), text)
    (told,) = caught.value.diagnostics
    assert told.message == ("the form for Lightning doesn't do `ema`, `freeze` and `tensorboard`")
    assert told.help == "leave that out, or take PyTorch alone: `--engine torch`"
    assert str(told.span) == "recipe.yaml:10:6"


RULES = {
    "momentum": "",
    "Adam": "optimizer: Adam\nmomentum2: 0.99\n",
    "clipped": "iter_size: 2\nclip_gradients: 0.5\nclip_value: 0.1\nregularization_type: L1\n",
}


@pytest.fixture
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with data, and Lightning without its advice."""
    write_data(tmp_path)
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("lightning")
        yield tmp_path


def run(made: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["module.py", *arguments])
    made.__dict__["main"]()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_same_weights(rule: str, quiet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As PyTorch alone, with Dropout, BatchNorm and a rate of each step; in one run, and in one
    that goes on from the middle of an epoch.
    """
    known = netspec.loads(SPEC)
    text = f"{RECIPE}precision: float64\n{rule}".replace("max_iter: 8", "max_iter: 5")
    with loaded(known, text, quiet) as made:
        expected = steps_of(made, quiet / "run", quiet)
        other = module("module", lightning_of(known, text), quiet)
        run(other, monkeypatch, "--out", "whole")
        assert_close(quiet / "whole" / "last.ckpt", expected[4]["model"])
        assert [each.name for each in (quiet / "whole").glob("step*")] == ["step=5.ckpt"]
        part = text.replace("snapshot: 1", "snapshot: 3")
        other = module("module", lightning_of(known, part), quiet)
        run(other, monkeypatch, "--out", "part")
        assert_close(quiet / "part" / "step=3.ckpt", expected[2]["model"])
        run(other, monkeypatch, "--out", "part", "--resume", "part/step=3.ckpt")
        assert_close(quiet / "part" / "last.ckpt", expected[4]["model"])


def assert_close(path: Path, expected: dict[str, Any]) -> None:
    found = torch.load(path, weights_only=True)["state_dict"]
    assert {f"model.{name}" for name in expected} == {*found}
    for name, value in expected.items():
        torch.testing.assert_close(found[f"model.{name}"], value, rtol=1e-12, atol=1e-12)


def test_a_loss_that_is_no_number(quiet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = netspec.loads(SPEC)
    text = RECIPE.replace("base_lr: 0.1", "base_lr: 1e30").replace("cosine", "fixed")
    with loaded(known, text, quiet):
        made = module("module", lightning_of(known, text), quiet)
        with pytest.raises(SystemExit, match="step 2: the loss is nan"):
            run(made, monkeypatch)


def test_an_image_that_cannot_be_read(quiet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name ends the run when its turn comes."""
    image = pytest.importorskip("PIL.Image")
    for part in ("a", "b"):
        for kind in ("cat", "dog"):
            (quiet / part / kind).mkdir(parents=True)
            image.new("L", (28, 28)).save(quiet / part / kind / "1.png")
    whole = (quiet / "a" / "dog" / "1.png").read_bytes()
    (quiet / "a" / "dog" / "1.png").write_bytes(whole[: len(whole) - 20])
    spec = SPEC.replace("[N, 4]", "[N, 1, 28, 28]").replace("num_output: 3", "num_output: 2")
    text = RECIPE.replace("npz, train: train.npz, test: train.npz", "folder, train: a, test: b")
    with loaded(netspec.loads(spec), text, quiet):
        made = module("module", lightning_of(netspec.loads(spec), text), quiet)
        with pytest.raises(SystemExit, match=r"dog/1\.png"):
            run(made, monkeypatch)


def test_several_processes_are_refused(quiet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = netspec.loads(SPEC)
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setitem(sys.modules, "net", module("net", to_source(known)))
    made = module("module", lightning_of(known, RECIPE), quiet)
    with pytest.raises(SystemExit, match="the data are of one process"):
        run(made, monkeypatch)
