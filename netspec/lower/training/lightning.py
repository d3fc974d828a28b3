"""Graph and recipe to a module of Lightning's: the same plan, in the form of another engine."""

from collections.abc import Iterator
from dataclasses import replace

from netspec.graph import Graph
from netspec.listed import listed
from netspec.lower.training.images import several_crops
from netspec.lower.training.plan import ScriptPlan
from netspec.lower.training.refusal import Refusal
from netspec.lower.training.refusals import refuse
from netspec.lower.training.script import docstring, plan_script, written
from netspec.recipes import Recipe, RecipeText

_MANNER = (
    "It runs in one process. `--resume` goes on from a checkpoint, with the data, the rate and "
    "what is random of the next step. Lightning's own ways are left as they are: a signal ends "
    "it without a checkpoint, with status 0 for SIGTERM."
)


def to_lightning(graph: Graph, asked: RecipeText) -> str:
    """The text of a LightningModule, its data and a `main`; the network's class is imported.

    SpecError where the recipe can't train the network, or asks for what it doesn't do here.
    """
    refuse(graph, asked, _left_to_torch)
    recipe = asked.recipe
    plan = plan_script(graph, asked)
    plan = replace(
        plan,
        doc=docstring(graph, asked, plan.data, _MANNER),
        standard=_standard(recipe, plan),
        foreign=_foreign(recipe, plan),
    )
    return written(
        "lightning.py.j2",
        plan,
        uses_steps=plan.rate.of_steps or plan.optimizer.cycles,
        saves=bool(recipe.snapshot),
        saves_last=recipe.snapshot_after_train,
    )


def _left_to_torch(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    """What is done by the script of PyTorch alone."""
    asked = {
        "sharding": recipe.sharding,
        "sync_batchnorm": recipe.sync_batchnorm,
        "precision: float16": recipe.precision == "float16",
        "lr_policy: plateau": recipe.lr_policy == "plateau",
        "ema": recipe.ema is not None,
        "freeze": bool(recipe.freeze),
        "data: unreadable": recipe.data is not None and recipe.data.unreadable == "skip",
        "test_crops": several_crops(recipe),
        "test_interval_epochs": recipe.test_interval_epochs is not None,
        "snapshot_epochs": recipe.snapshot_epochs is not None,
        "average_loss": recipe.average_loss > 1,
        "tensorboard": recipe.tensorboard,
    }
    keys = [key for key, given in asked.items() if given]
    if keys:
        message = f"the form for Lightning doesn't do {listed([f'`{key}`' for key in keys])}"
        help = "leave that out, or take PyTorch alone: `--engine torch`"
        yield Refusal(message, keys[0].partition(":")[0], help)


def _standard(recipe: Recipe, plan: ScriptPlan) -> tuple[str, ...]:
    lines = [*plan.rate.lines, *plan.optimizer.each_step]
    counts = bool(recipe.epochs) or plan.rate.cycles or any("math." in line for line in lines)
    closure = "Callable, " if plan.optimizer.update else ""
    modules = {"argparse", *["math"] * counts, "os", "random", *plan.data.standard}
    return (
        *(f"import {name}" for name in sorted(modules)),
        f"from collections.abc import {closure}Iterable, Iterator",
        "from pathlib import Path",
        "from typing import Any",
    )


def _foreign(recipe: Recipe, plan: ScriptPlan) -> tuple[str, ...]:
    found = ["import lightning as L", "import torch", *plan.data.imports]
    if recipe.loss or plan.data.template == "digits":
        found.append("import torch.nn.functional as F")
    if recipe.snapshot:
        found.append("from lightning.pytorch.callbacks import ModelCheckpoint")
    if recipe.display or recipe.tests:
        found.append("from lightning.pytorch.loggers import CSVLogger")
    if recipe.weights:
        found.append("from safetensors.torch import load_file")
    found.append("from torch import Tensor, nn")
    names = "DataLoader, Dataset" if recipe.workers else "DataLoader"
    found.append(f"from torch.utils.data import {names}")
    return tuple(sorted(found, key=lambda each: (each.startswith("from"), each.lower())))
