"""What can't be trained: each mistake where the recipe makes it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import isfinite
from typing import TypeAlias

from netspec.counted import counted
from netspec.diagnostics import Diagnostics
from netspec.diagnostics.suggest import did_you_mean
from netspec.graph import Graph, Phase
from netspec.graph.needed import needed_by_results
from netspec.listed import listed
from netspec.lower.torch.structure.wiring import results
from netspec.lower.training.data_refusals import refused_data
from netspec.lower.training.freezing import frozen_owners
from netspec.lower.training.losses import figure_names, train_inputs
from netspec.lower.training.refusal import Refusal
from netspec.lower.training.statistics import statistical
from netspec.lower.weights.patterns import unmatched
from netspec.recipes import Recipe, RecipeText, learning_rate
from netspec.recipes.data import NAMED

CAFFEMODEL = ".caffemodel"

Check: TypeAlias = Callable[[Graph, Recipe], Iterator[Refusal]]
"""What tells some of the mistakes."""


def refuse(graph: Graph, asked: RecipeText, *more: Check) -> None:
    """SpecError with all that keeps a recipe from training a network, by `more` checks too."""
    found = Diagnostics()
    for check in (*_CHECKS, *more):
        for each in check(graph, asked.recipe):
            found.error(each.code, each.message, asked.places.of(each.key), help=each.help)
    found.raise_errors()


def _needed(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    keys = ("data", "batch_size", "lr_policy")
    missing = [f"`{key}`" for key in keys if getattr(recipe, key) is None]
    if not recipe.epochs and not recipe.max_iter:
        missing.append("`max_iter` (or `epochs`)")
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        message = f"{listed(missing)} {verb} missing, which training needs"
        yield Refusal(message, "", code="missing-field")


def _left_to_caffe(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    """What solvers have and a script doesn't do."""
    for key in ("train_net", "test_net", "test_stage"):
        if getattr(recipe, key):
            message = f"a script trains and tests one network, but `{key}` asks for others"
            yield Refusal(message, key, "leave it out")
    if len(recipe.test_iter) > 1:
        message = f"a script has one test, but `test_iter` is of {len(recipe.test_iter)}"
        yield Refusal(message, "test_iter")
    files = recipe.weights
    if len(files) > 1:
        yield Refusal("`weights` should be one file", "weights")
    elif any(each.endswith(CAFFEMODEL) for each in files):
        message = f"`weights` are of Caffe's own form, {CAFFEMODEL}"
        yield Refusal(message, "weights", "`netspec import` makes a .safetensors of it")


def _optimizer(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    shares = {"Adam": ("momentum", "momentum2"), "AdamW": ("momentum", "momentum2")}
    for key in shares.get(recipe.optimizer, ()):
        if getattr(recipe, key) >= 1:
            message = f"`{key}` should be less than 1 with {recipe.optimizer}"
            yield Refusal(message, key, code="bad-value")
    if recipe.optimizer == "AdaDelta" and recipe.momentum > 1:
        yield Refusal("`momentum` should be at most 1 with AdaDelta", "momentum", code="bad-value")
    if recipe.lr_policy is not None and recipe.max_iter and not recipe.counts_epochs:
        last = learning_rate(recipe, recipe.max_iter - 1)
        if not isfinite(last):
            message = f"the rate of the last step is no number, but {last}"
            yield Refusal(message, "lr_policy", code="bad-value")


def _weights(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    trained = {each.owner for each in graph.parameters if each.lr_mult and not each.buffer}
    if not trained:
        yield Refusal("the network has no weights to train", "net")
    elif trained <= frozen_owners(graph, recipe):
        yield Refusal("all weights of the network are frozen: nothing is trained", "freeze")


def _statistics(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    if recipe.sync_batchnorm and not statistical(graph, recipe):
        message = "no layer takes statistics of a batch, which `sync_batchnorm` would share"
        yield Refusal(message, "sync_batchnorm", "leave it out")


def _sharding(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    if not recipe.sharding:
        return
    if not recipe.sync_batchnorm and statistical(graph, recipe):
        message = "`sharding` needs statistics of a batch that processes share"
        yield Refusal(message, "sharding", "say `sync_batchnorm: true`")
    if recipe.precision == "float16":
        message = "`sharding` isn't done with `precision: float16`"
        yield Refusal(message, "sharding", "is `precision: bfloat16` meant?")
    for key in ("ema", "plateau"):
        if getattr(recipe, key) is not None:
            yield Refusal(
                f"`sharding` isn't done with `{key}`", "sharding", "leave one of them out"
            )
    shared = [f"`{each.name}`" for each in graph.parameters if each.owner != each.name]
    if shared:
        message = f"`sharding` takes no weights that layers share, as {_few(shared)}"
        yield Refusal(message, "sharding", "leave it out: each process then keeps all weights")


def _patterns(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    names = {each.name for each in graph.parameters}
    for key in ("fresh", "freeze"):
        for each in getattr(recipe, key):
            told = unmatched(each, names)
            if told is not None:
                yield Refusal(told[0], key, told[1])


def _losses(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    if graph.losses and recipe.loss:
        names = listed([f"`{name}`" for name in graph.losses])
        message = f"the network has losses of its own: {names}"
        yield Refusal(message, "loss", "leave `loss` out", "field-conflict")
    elif recipe.loss:
        yield from _of_outputs(graph, recipe)
    elif not graph.losses:
        names = listed([f"`{graph.result_name(blob)}`" for blob in graph.results], "or")
        message = "the network has no loss, and the recipe has no `loss`"
        help = f"say `loss:` with what {names} is to be compared by"
        yield Refusal(message, "loss", help)


def _of_outputs(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    outputs = {graph.result_name(blob): blob for blob in graph.results}
    inputs = {blob.name for blob in graph.inputs}
    for name, loss in recipe.loss.items():
        blob = outputs.get(name)
        if blob is None:
            help = (
                did_you_mean(name, outputs) or f"it has {listed([f'`{each}`' for each in outputs])}"
            )
            yield Refusal(f"the network has no output `{name}`", "loss", help)
        elif blob.phase is not None:
            message = f"the output `{name}` is of the {blob.phase} phase alone"
            yield Refusal(message, "loss")
        elif blob.shape.rank != 2:
            message = f"a softmax loss compares N×C with N labels, but `{name}` is {blob.shape}"
            yield Refusal(message, "loss")
        if loss.label in inputs:
            message = f"the label `{loss.label}` is an input of the network"
            yield Refusal(message, "loss", "give the label another name")


def _untrained(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    """Weights that no loss depends on: they would stay as they are drawn, and processes that share
    a batch would wait for their gradients.
    """
    names = {blob.name for blob in graph.results if graph.result_name(blob) in recipe.loss}
    read = tuple(blob for blob in results(graph) if blob.name in names | {*graph.losses})
    if not read:
        return
    trained = graph.phase(Phase.TRAIN)
    needed = needed_by_results(replace(trained, results=read))
    frozen = frozen_owners(graph, recipe)
    reached = {each.owner for node in needed for each in node.parameters}
    idle = [
        f"`{each.name}`"
        for each in trained.parameters
        if each.lr_mult and not each.buffer and each.owner not in reached | frozen
    ]
    if idle:
        message = f"no loss depends on {_few(idle)}"
        help = "give the output that does a loss, or `freeze` them"
        yield Refusal(message, "loss", help)


def _few(names: list[str]) -> str:
    """Some names in a sentence: the first three, and how many there are besides."""
    if len(names) <= 3:
        return listed(names)
    return f"{', '.join(names[:3])} and {counted(len(names) - 3, 'more parameter')}"


def _batches(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    for blob in train_inputs(graph):
        size = blob.shape[0] if blob.shape.rank else None
        if isinstance(size, int) and recipe.batch_size not in (None, size):
            message = f"the input `{blob.name}` is {blob.shape}, a batch of {size}"
            help = f"make the spec's batch N, or `batch_size: {size}`"
            yield Refusal(message, "batch_size", help)


def _tests(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    if not recipe.tests:
        return
    if recipe.data is not None and recipe.data.format in NAMED and recipe.data.test is None:
        message = "`test_interval` asks for tests, but `data` has no `test`"
        yield Refusal(message, "test_interval", code="missing-field")
    alone = [blob.name for blob in graph.inputs if blob.phase is Phase.TEST]
    if alone:
        message = f"the input `{alone[0]}` is of the TEST phase alone, and the data lack it"
        yield Refusal(message, "test_interval")
    tested = [blob for blob in graph.results if blob.phase in (None, Phase.TEST)]
    if not recipe.loss and all(blob.shape.rank for blob in tested):
        message = "a test shows numbers, and the network's outputs in the TEST phase are none"
        help = "give it an Accuracy, or leave `test_interval` out"
        yield Refusal(message, "test_interval", help)


def _watched(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    if recipe.lr_policy != "plateau" or recipe.plateau is None:
        return
    names = figure_names(graph, recipe)
    if recipe.plateau.figure not in names:
        message = f"tests tell no `{recipe.plateau.figure}`, by which the rate would fall"
        help = did_you_mean(recipe.plateau.figure, names)
        known = listed([f"`{each}`" for each in names])
        yield Refusal(message, "plateau", help or f"they tell {known}" if names else None)


_CHECKS: tuple[Check, ...] = (
    _needed,
    _left_to_caffe,
    _optimizer,
    _weights,
    _patterns,
    _statistics,
    _sharding,
    _losses,
    _untrained,
    _batches,
    refused_data,
    _tests,
    _watched,
)
