"""Graph and recipe to plan to text: the training script that `compile --recipe` writes."""

import textwrap
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from netspec._version import __version__
from netspec.graph import Graph
from netspec.lower.templates import templates
from netspec.lower.torch.code import Assign, Literal, Statement, call
from netspec.lower.torch.python.layout import WIDTH, quoted
from netspec.lower.training.data import data_plan
from netspec.lower.training.losses import loss_plan
from netspec.lower.training.optimizers import optimizer_plan
from netspec.lower.training.plan import (
    Constant,
    DataPlan,
    LossPlan,
    RatePlan,
    ScriptPlan,
    code,
)
from netspec.lower.training.rates import rate_plan
from netspec.lower.training.refusals import refuse
from netspec.lower.training.statistics import statistical
from netspec.printable import printable
from netspec.recipes import Recipe, RecipeText

if TYPE_CHECKING:
    from jinja2 import Environment

NETWORK = "net.py"
"""The file that a script imports the network's class from, beside it."""
START = "start.safetensors"
"""The file with the weights that it starts from, where the recipe names some."""


def to_script(graph: Graph, asked: RecipeText) -> str:
    """The text of a script that trains a network; its class is imported from `NETWORK`.

    SpecError where the recipe can't train it.
    """
    refuse(graph, asked)
    return written("script.py.j2", plan_script(graph, asked))


def written(template: str, plan: ScriptPlan, **more: bool) -> str:
    """The text of a template for a plan, and what `more` it asks for."""
    text = _templates().get_template(template).render(plan=plan, **more)
    return text.rstrip() + "\n"


def plan_script(graph: Graph, asked: RecipeText) -> ScriptPlan:
    """Every decision about a script; `refuse` had nothing to say."""
    recipe = asked.recipe
    assert recipe.data is not None
    rate = rate_plan(recipe)
    optimizer = optimizer_plan(recipe, constant_rate=not rate.lines)
    data = data_plan(graph, recipe)
    variables = [each.variable for each in data.tensors]
    loss = loss_plan(graph, recipe, {each.name: each.variable for each in data.tensors})
    tests = recipe.tests
    statistics = bool(statistical(graph, recipe))
    reads = bool(recipe.workers) or data.fails
    return ScriptPlan(
        doc=docstring(graph, asked, data),
        parser=_parser(graph),
        class_name=graph.class_name,
        standard=_standard(recipe, data),
        foreign=_foreign(recipe, data),
        constants=[
            [*_length(recipe), *data.constants, *_files(recipe)],
            [*rate.constants, *optimizer.constants, *_clips(recipe)],
            [*_events(recipe, loss)],
        ],
        rate=rate,
        optimizer=optimizer,
        data=data,
        loss=loss,
        unpacked=", ".join(variables) if len(variables) > 1 else f"({variables[0]},)",
        steps=_steps(recipe),
        groups=_groups(recipe, rate),
        passes=recipe.iter_size,
        workers=recipe.workers,
        reads=reads,
        save_when=" or ".join(_saves(recipe)),
        test_when=_every(recipe, "test_interval"),
        counts_epochs=bool(recipe.test_interval_epochs or recipe.snapshot_epochs),
        tables=[quoted(name) for name in ("log.csv", *["test.csv"] * tests)],
        weights=bool(recipe.weights),
        freezes=bool(recipe.freeze),
        averages=recipe.ema is not None,
        sharded=recipe.sharding,
        shares_statistics=statistics and recipe.sync_batchnorm,
        own_statistics=statistics and not recipe.sync_batchnorm,
        autocast=recipe.precision if recipe.precision in ("bfloat16", "float16") else "",
        scales=recipe.precision == "float16",
        double=recipe.precision == "float64",
        shuffled=recipe.data.shuffle,
        clips=recipe.clip_gradients is not None,
        clips_values=recipe.clip_value is not None,
        display=bool(recipe.display),
        board=recipe.tensorboard,
        average=recipe.average_loss > 1,
        tests=tests,
        test_first=tests and recipe.test_initialization,
        test_limit=tests and bool(recipe.test_iter),
    )


def _steps(recipe: Recipe) -> str:
    if recipe.max_iter:
        return "STEPS"
    per_step = "(BATCH * PASSES)" if recipe.iter_size > 1 else "BATCH"
    return f"math.ceil(EPOCHS * len(items) / {per_step})"


def _parser(graph: Graph) -> Statement:
    about = Literal(f"Train {graph.class_name}.")
    return Assign(("parser",), call("argparse.ArgumentParser", description=about))


def _groups(recipe: Recipe, rate: RatePlan) -> str:
    """The parameters by their multipliers, which the rate of a step is multiplied by."""
    lr = "1.0" if rate.lines else "BASE_LR"
    return f"model.param_groups({lr}, {'WEIGHT_DECAY' if recipe.weight_decay else '0.0'})"


def _length(recipe: Recipe) -> Iterator[Constant]:
    yield Constant("SEED", recipe.seed or 0)
    yield Constant("BATCH", recipe.batch_size or 0, "items of a pass, over all processes")
    if recipe.iter_size > 1:
        yield Constant("PASSES", recipe.iter_size, "for a step")
    if recipe.epochs:
        yield Constant("EPOCHS", recipe.epochs)
    else:
        yield Constant("STEPS", recipe.max_iter or 0)
    if recipe.workers:
        yield Constant("WORKERS", recipe.workers, "processes that read ahead")


def _files(recipe: Recipe) -> Iterator[Constant]:
    if recipe.weights:
        yield Constant("WEIGHTS", START, "beside this file")
    if recipe.freeze:
        yield Constant("FROZEN", tuple(recipe.freeze), "what stays as it is")


def _clips(recipe: Recipe) -> list[Constant]:
    found = []
    if recipe.clip_gradients is not None:
        # Caffe clips the sum of the passes, and the script their mean.
        found.append(Constant("CLIP", recipe.clip_gradients / recipe.iter_size))
    if recipe.ema is not None:
        found.append(Constant("EMA", recipe.ema, "what a mean of weights keeps of itself"))
    if recipe.clip_value is not None:
        found.append(Constant("CLIP_VALUE", recipe.clip_value))
    return found


def _events(recipe: Recipe, loss: LossPlan) -> Iterator[Constant]:
    if recipe.display:
        yield Constant("SHOW_EVERY", recipe.display, "steps, as below")
    if recipe.average_loss > 1:
        yield Constant("AVERAGE", recipe.average_loss, "steps whose mean loss is shown")
    if recipe.tests:
        yield _interval(recipe, "test_interval")
        yield Constant("FIGURES", loss.names)
        if recipe.test_iter:
            yield Constant("TEST_BATCHES", recipe.test_iter[0])
    if recipe.snapshot or recipe.snapshot_epochs:
        yield _interval(recipe, "snapshot")


_INTERVALS = {"test_interval": "TEST_EVERY", "snapshot": "SAVE_EVERY"}


def _interval(recipe: Recipe, key: str) -> Constant:
    """How often something is done."""
    epochs = getattr(recipe, f"{key}_epochs")
    if epochs:
        return Constant(_INTERVALS[key], epochs, "epochs")
    return Constant(_INTERVALS[key], getattr(recipe, key))


def _every(recipe: Recipe, key: str) -> str:
    """Whether it is done behind a step."""
    name = _INTERVALS[key]
    if getattr(recipe, f"{key}_epochs"):
        return f"epoch // {name} > before // {name}"
    return f"step % {name} == 0"


def _saves(recipe: Recipe) -> Iterator[str]:
    yield "stop"
    if recipe.snapshot or recipe.snapshot_epochs:
        yield _every(recipe, "snapshot")
    if recipe.snapshot_after_train:
        yield "step == steps"


def _standard(recipe: Recipe, data: DataPlan) -> tuple[str, ...]:
    modules = ["argparse", "csv", "gc", "math", "os", "random", "signal", "sys", *data.standard]
    modules += [*["copy"] * (recipe.ema is not None), *["shutil"] * recipe.sharding]
    modules += ["atexit", "multiprocessing"] if recipe.workers else []
    found = [f"import {name}" for name in sorted({*modules})]
    if recipe.average_loss > 1:
        found.append("from collections import deque")
    iterable = "Iterable, " if recipe.workers or data.fails else ""
    return (
        *found,
        f"from collections.abc import {iterable}Iterator",
        "from contextlib import contextmanager",
        *["from dataclasses import dataclass"] * (recipe.lr_policy == "plateau"),
        *["from fnmatch import fnmatchcase"] * bool(recipe.freeze),
        *["from functools import partial"] * bool(recipe.workers),
        "from pathlib import Path",
        "from typing import Any",
    )


def _foreign(recipe: Recipe, data: DataPlan) -> tuple[str, ...]:
    found = [each for each in data.imports if each.startswith("import ")]
    found += ("import torch", "import torch.distributed as dist")
    if recipe.sharding:
        found.append("import torch.distributed.checkpoint as dcp")
    if recipe.loss or data.template == "digits":
        found.append("import torch.nn.functional as F")
    if recipe.weights:
        found.append("from safetensors.torch import load_file")
    found += [each for each in data.imports if each.startswith("from ")]
    found.append("from torch import Tensor, nn")
    if recipe.sharding:
        found += (
            "from torch.distributed.checkpoint.state_dict import get_state_dict, set_state_dict",
            "from torch.distributed.fsdp import fully_shard",
        )
    else:
        found.append("from torch.nn.parallel import DistributedDataParallel")
    if recipe.workers:
        found.append("from torch.utils.data import DataLoader, Dataset")
    if recipe.tensorboard:
        found.append("from torch.utils.tensorboard import SummaryWriter")
    return tuple(found)


_MANNER = (
    "Run it with python, or with torchrun to share each batch among processes. A run that "
    "was stopped goes on where it was, exactly: its data depend on the seed, the epoch and "
    "the index, what is drawn on the seed, the step and the process, the rate on the step."
)


def docstring(
    graph: Graph, asked: RecipeText, data: DataPlan, manner: str = _MANNER
) -> tuple[str, ...]:
    """The lines of the docstring: what it trains, in which `manner`, what it is written from."""
    lines = textwrap.wrap(f"Train {graph.name} with {data.doc}.", WIDTH - 3)
    lines += ["", *textwrap.wrap(manner, WIDTH)]
    digest = sha256(asked.text.text.encode()).hexdigest()[:12]
    recipe = f"{printable(asked.text.name.rpartition('/')[2])} (sha256 {digest})"
    spec = printable(graph.spec) + (f" (sha256 {graph.digest[:12]})" if graph.digest else "")
    overrides = f" with {printable(graph.overrides)}" if graph.overrides else ""
    lines.append(f"Written by netspec {__version__} from {spec}{overrides} and {recipe}.")
    return tuple(line.replace("\\", "\\\\").replace('"""', r"\"\"\"") for line in lines)


@cache
def _templates() -> "Environment":
    environment = templates("training")
    environment.filters["code"] = code
    return environment
