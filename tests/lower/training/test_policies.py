"""What goes by more than a formula of the rate, beside PyTorch's own of it."""

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau

import netspec
from netspec.diagnostics import SpecError
from netspec.recipes import learning_rate
from tests.lower.training.scripts import (
    RECIPE,
    SPEC,
    assert_same,
    loaded,
    recipe,
    script,
    steps_of,
    write_data,
)

CYCLE = (
    RECIPE.replace("cosine", "one-cycle").replace("max_iter: 8", "max_iter: 20")
    + "stepsize: 6\nmin_lr: 0.02\nmin_momentum: 0.7\n"
)
PLATEAU = (
    RECIPE.replace("cosine", "plateau").replace("test_interval: 3", "test_interval: 1")
    + "gamma: 0.5\nplateau: {figure: loss, patience: 2}\n"
)
EMA = RECIPE + "ema: 0.75\n"


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_one_cycle_is_pytorch_s(optimizer: str) -> None:
    """PyTorch counts to the last step, and its highest rate is at one before the share of steps."""
    parameter = torch.nn.Parameter(torch.zeros(1))
    made: Any = getattr(torch.optim, optimizer)([parameter], lr=0.1)
    if optimizer == "SGD":
        made.param_groups[0]["momentum"] = 0.9
    theirs = OneCycleLR(
        made,
        max_lr=0.1,
        total_steps=21,
        pct_start=7 / 21,
        div_factor=5,
        final_div_factor=1e12,
        base_momentum=0.7,
        max_momentum=0.9,
    )
    known = recipe(CYCLE).recipe
    with loaded(netspec.loads(SPEC), CYCLE + f"optimizer: {optimizer}\n") as own:
        rate, momentum = own.__dict__["rate"], own.__dict__["momentum"]
        for step in range(20):
            (group,) = made.param_groups
            wanted = group["momentum"] if optimizer == "SGD" else group["betas"][0]
            assert rate(step, 20) == pytest.approx(group["lr"], abs=1e-9)
            assert learning_rate(known, step) == pytest.approx(group["lr"], rel=1e-6, abs=1e-9)
            assert momentum(step, 20) == pytest.approx(wanted)
            made.step()
            theirs.step()


@pytest.mark.parametrize("optimizer", ["SGD", "Nesterov", "AdamW"])
def test_momentum_is_the_step_s(optimizer: str, tmp_path: Path) -> None:
    write_data(tmp_path)
    text = CYCLE.replace("max_iter: 20", "max_iter: 7") + f"optimizer: {optimizer}\n"
    with loaded(netspec.loads(SPEC), text) as made:
        (group, *_) = steps_of(made, tmp_path / "run", tmp_path)[-1]["optimizer"]["param_groups"]
    # The last step is at the highest rate.
    assert (group["betas"][0] if optimizer == "AdamW" else group["momentum"]) == 0.7


def test_plateau_is_pytorch_s() -> None:
    """Whose patience is of tests that it forgives, one less."""
    figures = [3.0, 2.0, 2.0, 2.5, 2.1, 1.0, 1.5, 1.5, 1.5, 1.5, 0.5, 0.5, float("nan"), 0.6]
    made = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    theirs = ReduceLROnPlateau(made, factor=0.5, patience=1, threshold=0.0)
    with loaded(netspec.loads(SPEC), PLATEAU) as own:
        plateau, rate = own.__dict__["Plateau"](), own.__dict__["rate"]
        for figure in figures:
            plateau.watch(figure)
            theirs.step(figure)
            assert rate(0, plateau.falls) == pytest.approx(made.param_groups[0]["lr"])
    assert plateau.falls == 4
    with loaded(netspec.loads(SPEC), PLATEAU.replace("loss,", "accuracy, better: more,")) as own:
        plateau = own.__dict__["Plateau"]()
        for figure in (0.1, 0.3, 0.2, 0.3):
            plateau.watch(figure)
    assert vars(plateau) == {"best": 0.3, "tests": 0, "falls": 1}


@pytest.mark.parametrize("text", [PLATEAU, CYCLE, EMA], ids=["plateau", "cycle", "ema"])
def test_resuming_is_exact(text: str, tmp_path: Path) -> None:
    write_data(tmp_path)
    with loaded(netspec.loads(SPEC), text) as made:
        write, train = made.__dict__["write"], made.__dict__["train"]

        def keep(state: dict[str, Any], path: Path) -> None:
            write(state, path)
            shutil.copy(path, tmp_path / f"{state['step']}.pt")

        made.__dict__["write"] = keep
        assert train(tmp_path / "whole", tmp_path) == 0
        for step in (3, 6):
            (tmp_path / f"from{step}").mkdir()
            shutil.copy(tmp_path / f"{step}.pt", tmp_path / f"from{step}" / "checkpoint.pt")
            assert train(tmp_path / f"from{step}", tmp_path) == 0
            assert_same(tmp_path / f"from{step}", tmp_path / "whole")


def test_a_mean_of_the_weights(tmp_path: Path) -> None:
    """Of those that a run without it has; tests are of the mean."""
    write_data(tmp_path)
    graph = netspec.loads(SPEC)
    with loaded(graph, RECIPE) as made:
        plain = [each["model"] for each in steps_of(made, tmp_path / "plain", tmp_path)]
        torch.manual_seed(made.__dict__["seed"]("weights"))
        mean = {name: each.clone() for name, each in made.__dict__["Net"]().named_parameters()}
    with loaded(graph, EMA) as made:
        saved = steps_of(made, tmp_path / "run", tmp_path)
        for state, weights in zip(saved, plain, strict=True):
            for name, each in mean.items():
                mean[name] = 0.75 * each + 0.25 * weights[name]
                torch.testing.assert_close(state["model"][name], mean[name])
            assert torch.equal(state["trained"]["one.weight"], weights["one.weight"])
            assert torch.equal(state["model"]["bn.running_mean"], weights["bn.running_mean"])
        model = made.__dict__["Net"]()
        model.load_state_dict(saved[-1]["model"])
        figures = made.__dict__["test"](model, made.__dict__["Arrays"](tmp_path / "train.npz"))
    (*_, last) = csv.DictReader((tmp_path / "run" / "test.csv").read_text().splitlines())
    assert float(last["loss"]) == pytest.approx(figures["loss"], rel=1e-5)


@pytest.mark.parametrize(
    ("text", "place", "message", "help"),
    [
        (
            CYCLE.replace("stepsize: 6", "stepsize: 20"),
            "recipe.yaml:14:11",
            "`stepsize` should be less than `max_iter` (20) with one-cycle",
            None,
        ),
        (
            CYCLE.replace("momentum: 0.7", "momentum: 0.95"),
            "recipe.yaml:16:15",
            "`min_momentum` should be at most `momentum` (0.9)",
            None,
        ),
        (
            CYCLE.replace("momentum: 0.9\n", "optimizer: RMSProp\n"),
            "recipe.yaml:16:15",
            "`min_momentum` isn't for RMSProp",
            "leave it out",
        ),
        (
            PLATEAU.replace("test_interval: 1\n", ""),
            "recipe.yaml:6:12",
            "`lr_policy: plateau` goes by tests, and there are none",
            "say `test_interval`",
        ),
        (
            PLATEAU.replace("plateau: {figure: loss, patience: 2}\n", ""),
            "recipe.yaml:6:12",
            "`plateau` is missing, which `lr_policy: plateau` needs",
            None,
        ),
        (
            PLATEAU.replace("figure: loss", "figure: accurcy"),
            "recipe.yaml:15:10",
            "tests tell no `accurcy`, by which the rate would fall",
            "did you mean `accuracy`?",
        ),
        (
            EMA.replace("0.75", "1.5"),
            "recipe.yaml:14:6",
            "`ema` should be at most 1.0, not 1.5",
            None,
        ),
        (
            EMA + "sharding: true\nsync_batchnorm: true\n",
            "recipe.yaml:15:11",
            "`sharding` isn't done with `ema`",
            "leave one of them out",
        ),
    ],
)
def test_mistakes(text: str, place: str, message: str, help: str | None) -> None:
    with pytest.raises(SpecError) as found:
        script(netspec.loads(SPEC), text)
    errors = [each for each in found.value.diagnostics if each.severity == "error"]
    assert [(str(each.span), each.message, each.help) for each in errors] == [
        (place, message, help)
    ]
