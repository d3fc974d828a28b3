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


COUNTED = {
    "step": "lr_policy: step\ngamma: 0.5\nstepsize_epochs: 1.5\n",
    "multistep": "lr_policy: multistep\ngamma: 0.5\nstepvalue_epochs: [0.5, 2, 6]\n",
    "cyclic": "lr_policy: cyclic\nmin_lr: 0.01\nstepsize_epochs: 2\n",
    "warm": "lr_policy: step\ngamma: 0.5\nstepsize: 5\nwarmup_epochs: 1\n",
    "mixed": "lr_policy: step\ngamma: 0.5\nstepsize_epochs: 1\nwarmup_iter: 3\n",
}


@pytest.mark.parametrize("name", COUNTED)
def test_epochs_in_place_of_iterations(name: str) -> None:
    """7 of 17 items and two passes, 14 of them an iteration; against counts of iterations where
    epochs are of 70 / 14 = 5.
    """
    text = RECIPE.replace("lr_policy: cosine\n", COUNTED[name]) + "iter_size: 2\n"
    known = recipe(text).recipe
    values = {"stepsize": 5 * (known.stepsize_epochs or 0) or known.stepsize}
    values["warmup_iter"] = 5 * (known.warmup_epochs or 0) or known.warmup_iter
    none: dict[str, object] = {
        "stepsize_epochs": None,
        "stepvalue_epochs": [],
        "warmup_epochs": None,
    }
    stepvalue = [int(5 * each + 0.5) for each in known.stepvalue_epochs]
    plain = known.model_copy(update={**none, **values, "stepvalue": stepvalue})
    with loaded(netspec.loads(SPEC), text) as made:
        rate = made.__dict__["rate"]
        for step in range(40):
            wanted = learning_rate(known, step, items=17)
            assert rate(step, step * 14 / 17) == pytest.approx(wanted, rel=1e-6)
            even = learning_rate(known, step, items=70)
            assert even == pytest.approx(learning_rate(plain, step), rel=1e-6), step
    with pytest.raises(ValueError, match="say how many `items` there are"):
        learning_rate(known, 0)


def test_tests_and_snapshots_of_epochs(tmp_path: Path) -> None:
    """An epoch is of 17 / 7 iterations: it ends in the 3rd, the 5th, the 8th and the 10th."""
    write_data(tmp_path)
    text = RECIPE.replace("test_interval: 3", "test_interval_epochs: 1").replace(
        "x_iter: 8", "x_iter: 11"
    )
    text = text.replace("snapshot: 1", "snapshot_epochs: 2").replace("lr_policy: cosine\n", "")
    with loaded(netspec.loads(SPEC), text + COUNTED["step"]) as made:
        saved = steps_of(made, tmp_path / "run", tmp_path)
    assert [each["step"] for each in saved] == [5, 10, 11]
    rows = csv.DictReader((tmp_path / "run" / "test.csv").read_text().splitlines())
    assert [int(row["step"]) for row in rows] == [0, 3, 5, 8, 10, 11]


@pytest.mark.parametrize(
    ("text", "place", "message", "help"),
    [
        (
            RECIPE + "snapshot_epochs: 1\n",
            "recipe.yaml:14:18",
            "`snapshot` and `snapshot_epochs` both say when",
            "leave one of them out",
        ),
        (
            CYCLE.replace("stepsize:", "stepsize_epochs:"),
            "recipe.yaml:6:12",
            "`stepsize` is missing, which `lr_policy: one-cycle` needs",
            None,
        ),
        (
            RECIPE.replace("cosine", "multistep\ngamma: 0.1\nstepvalue_epochs: [2, 1]"),
            "recipe.yaml:8:19",
            "`stepvalue_epochs` should rise",
            None,
        ),
        (
            RECIPE + "warmup_epochs: 0\n",
            "recipe.yaml:14:16",
            "`warmup_epochs` should be more than 0.0, not 0",
            None,
        ),
        (
            RECIPE + "warmup_epochs: 3 epochs\n",
            "recipe.yaml:14:16",
            "`warmup_epochs` should be a number, not '3 epochs'",
            None,
        ),
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
