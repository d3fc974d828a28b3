"""The files that a script consists of: itself, the network's source, the weights it starts from."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeAlias

from netspec.graph import Graph
from netspec.lower.torch import to_source
from netspec.lower.training.lightning import to_lightning
from netspec.lower.training.script import NETWORK, START, to_script
from netspec.output import replacing_all
from netspec.recipes import Recipe, RecipeText

Write: TypeAlias = Callable[[BinaryIO], None]

ENGINES: Mapping[str, Callable[[Graph, RecipeText], str]] = {
    "torch": to_script,
    "lightning": to_lightning,
}
"""What writes the text for each engine."""


def script_files(
    graph: Graph, asked: RecipeText, script: str, *, started: bool = False, engine: str = "torch"
) -> dict[str, Write]:
    """What writes each file, by its name in their folder: the script, called `script`, is the last.

    It is for an engine of `ENGINES`. Where it has `started` its first weights are there. SpecError
    where the recipe can't train the network, or its weights don't fit.
    """
    text = ENGINES[engine](graph, asked)
    found = {NETWORK: as_text(to_source(graph))}
    if asked.recipe.weights and not started:
        found[START] = _start(graph, asked.recipe)
    return {**found, script: as_text(text)}


def write_script(graph: Graph, asked: RecipeText, path: Path, engine: str = "torch") -> None:
    """Write a script, and beside it what it needs: all of it or nothing.

    SpecError as `script_files`, and where they can't be written.
    """
    write_all(path.parent, script_files(graph, asked, path.name, engine=engine))


def write_all(folder: Path, made: Mapping[str, Write]) -> None:
    """Write files of a folder: all of them or none."""
    with replacing_all([folder / name for name in made]) as files:
        for file, write in zip(files, made.values(), strict=True):
            write(file)


def as_text(text: str) -> Write:
    """What writes a text."""
    data = text.encode()

    def write(file: BinaryIO) -> None:
        file.write(data)

    return write


def _start(graph: Graph, recipe: Recipe) -> Write:
    """What writes the weights of a recipe as the network has them; what is fresh depends on the
    seed.
    """
    from netspec.lower.weights import UserWeights, given
    from netspec.lower.weights.safetensors_file import write_safetensors

    user = UserWeights(recipe.weights[0], recipe.weights_prefix, tuple(recipe.fresh))
    return partial(write_safetensors, graph, given(graph, user, seed=recipe.seed or 0, whole=True))
