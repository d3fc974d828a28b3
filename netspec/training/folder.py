"""The folder of a run: what is trained and how, and what comes of it."""

import json
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from netspec._version import __version__
from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph import Graph
from netspec.lower.flat import to_flat
from netspec.lower.torch import to_source
from netspec.lower.training import NETWORK, to_script
from netspec.output import replacing_all
from netspec.recipes import RecipeText

SCRIPT, RECIPE, SPEC, VERSIONS = "train.py", "recipe.yaml", "spec.yaml", "versions.json"
CHECKPOINT, WEIGHTS = "checkpoint.pt", "weights.safetensors"
_PACKAGES = ("torch", "numpy", "scikit-learn", "safetensors")


@dataclass(frozen=True, slots=True)
class Folder:
    """A run's folder; its checkpoint and tables are the script's own."""

    path: Path

    @property
    def is_begun(self) -> bool:
        """Whether a run has left a checkpoint here."""
        return (self.path / CHECKPOINT).exists()

    def prepare(self, graph: Graph, asked: RecipeText) -> None:
        """Write what is to be run: the script, the network's source, spec and recipe, and versions.

        SpecError where the recipe can't train the network, or the folder can't be written.
        """
        texts = {
            NETWORK: to_source(graph),
            RECIPE: asked.text.text,
            SPEC: to_flat(graph),
            VERSIONS: json.dumps(_versions(), indent=2) + "\n",
            SCRIPT: to_script(graph, asked),
        }
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = (
                f"can't make the folder `{self.path}`: {(error.strerror or str(error)).lower()}"
            )
            raise SpecError([Diagnostic("cannot-write", message)]) from error
        with replacing_all([self.path / name for name in texts]) as files:
            for file, text in zip(files, texts.values(), strict=True):
                file.write(text.encode())

    def keep_weights(self, graph: Graph) -> None:
        """Write the weights of the checkpoint as safetensors, which every tool reads."""
        import torch

        from netspec.lower.weights import weights_for
        from netspec.lower.weights.safetensors_file import write_safetensors
        from netspec.output import replacing

        state = torch.load(self.path / CHECKPOINT, map_location="cpu", weights_only=True)
        weights = weights_for(graph, state["model"], 0, whole=True)
        with replacing(self.path / WEIGHTS) as file:
            write_safetensors(graph, weights, file)


def _versions() -> dict[str, str]:
    """What a run depends on: of other versions it may give other bits."""
    found = {"netspec": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return {**found, "machine": platform.platform()}
