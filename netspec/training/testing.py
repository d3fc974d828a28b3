"""Weights tested as a recipe says: by the test of its script, as a module of this process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph import Graph
from netspec.lower.torch import to_source, to_torch
from netspec.lower.training import to_script
from netspec.lower.training.script import plan_script
from netspec.lower.weights import UserWeights
from netspec.recipes import RecipeText
from netspec.recipes.data import NAMED


class Tester:
    """What a script tests with: its items, and its module, by which to test.

    `graph` has been held against the recipe, which asks for tests. SpecError where the data can't
    be read.
    """

    def __init__(self, graph: Graph, asked: RecipeText, data: Path, script: ModuleType) -> None:
        self._graph, self._script = graph, script
        plan = plan_script(graph, asked)
        self.inputs = [each.name for each in plan.data.tensors]
        self._averaged = bool(plan.loss.averaged)
        with _telling():
            self.items: Any = eval(plan.data.test or "", {**script.__dict__, "folder": data})

    @property
    def count(self) -> int:
        """How many items a test is of."""
        limit = self._script.__dict__.get("TEST_BATCHES")
        return (
            len(self.items) if limit is None else min(len(self.items), limit * self._script.BATCH)
        )

    def arrays(self) -> "dict[str, Any]":
        """All items, each array of NumPy by its name; SpecError where each is several parts."""
        if self._averaged:
            message = "what is predicted is of one part of an image: leave `test_crops` out"
            raise SpecError([Diagnostic("not-trainable", message)])
        keys = [(0, index) for index in range(self.count)]
        read = self._script.__dict__.get("read", lambda items, asked: map(items.__getitem__, asked))
        with _telling():
            (found,) = read(self.items, [keys])
        return {name: each.numpy() for name, each in zip(self.inputs, found, strict=True)}

    def figures(self, weights: UserWeights) -> dict[str, float]:
        """The figures of a test of these weights."""
        import torch

        model = to_torch(self._graph, weights=weights)
        model.to(self._script.DEVICE, torch.get_default_dtype())
        with _telling():
            found: dict[str, float] = self._script.test(model, self.items)
        return found


@contextmanager
def testing(graph: Graph, asked: RecipeText, data: Path) -> Iterator[Tester]:
    """The script of a recipe, ready to test with what lies in the folder `data`.

    What the script sets for its process is taken back when the block ends. SpecError where the
    recipe has nothing to test with, can't train the network, or its data can't be read.
    """
    import torch

    tested = _with_tests(asked)
    text, network = to_script(graph, tested), to_source(graph)
    dtype, others = torch.get_default_dtype(), sys.modules.get("net")
    sys.modules["net"] = _module("net", network)
    try:
        yield Tester(graph, tested, data, _module("train", text))
    finally:
        torch.set_default_dtype(dtype)
        del sys.modules["net"]
        if others is not None:
            sys.modules["net"] = others


def _with_tests(asked: RecipeText) -> RecipeText:
    """The recipe, which asks for tests whatever it says of when."""
    recipe = asked.recipe
    if recipe.data is not None and recipe.data.format in NAMED and recipe.data.test is None:
        message = "there is nothing to test with: `data` has no `test`"
        raise SpecError([Diagnostic("missing-field", message, asked.places.of("data"))])
    often = {} if recipe.tests else {"test_interval": 1}
    every = {**often, "weights": [], "fresh": []}
    return replace(asked, recipe=recipe.model_copy(update=every))


def _module(name: str, text: str) -> ModuleType:
    made = ModuleType(name)
    made.__dict__["__file__"] = f"{name}.py"
    exec(compile(text, f"{name}.py", "exec"), made.__dict__)
    return made


@contextmanager
def _telling() -> Iterator[None]:
    """What a script refuses, as SpecError."""
    try:
        yield
    except SystemExit as error:
        raise SpecError([Diagnostic("cannot-read", str(error))]) from error
