"""The folder of a run: what is trained and how, and what comes of it."""

import json
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from netspec._version import __version__
from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph import Graph
from netspec.lower.flat import to_flat
from netspec.lower.training import START, as_text, script_files, write_all
from netspec.lower.weights import UserWeights
from netspec.recipes import RecipeText
from netspec.training.alone import alone_in

if TYPE_CHECKING:
    from torch import Tensor

SCRIPT, RECIPE, SPEC, VERSIONS = "train.py", "recipe.yaml", "spec.yaml", "versions.json"
CHECKPOINT, WEIGHTS = "checkpoint.pt", "weights.safetensors"
PARTS = "checkpoint.txt"
"""The file that names the folder of a checkpoint in parts, which sharded runs have."""
_PACKAGES = ("torch", "numpy", "scikit-learn", "safetensors")


@dataclass(frozen=True, slots=True)
class Folder:
    """A run's folder; its checkpoint and tables are the script's own."""

    path: Path

    @property
    def is_prepared(self) -> bool:
        """Whether it is the folder of a run."""
        return (self.path / SPEC).is_file() and (self.path / RECIPE).is_file()

    @property
    def is_begun(self) -> bool:
        """Whether a run has left a checkpoint here."""
        return (self.path / CHECKPOINT).exists() or (self.path / PARTS).exists()

    @property
    def _is_started(self) -> bool:
        """Whether the weights that a run started from are here, which stay."""
        return self.is_begun and (self.path / START).exists()

    @contextmanager
    def prepared(self, graph: Graph, asked: RecipeText) -> Iterator[None]:
        """Write what is to be run: the script, the network's source, spec and recipe, and versions.
        The folder is this run's alone as long as the block lasts.

        SpecError where the recipe can't train the network, the folder's run is of another network
        or going on, or it can't be written.
        """
        self._check_begun(graph)
        made = {
            RECIPE: as_text(asked.text.text),
            SPEC: as_text(to_flat(graph)),
            VERSIONS: as_text(json.dumps(_versions(), indent=2) + "\n"),
            **script_files(graph, asked, SCRIPT, started=self._is_started),
        }
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = (
                f"can't make the folder `{self.path}`: {(error.strerror or str(error)).lower()}"
            )
            raise SpecError([Diagnostic("cannot-write", message)]) from error
        with alone_in(self.path):
            write_all(self.path, made)
            yield

    def _check_begun(self, graph: Graph) -> None:
        """Refuse a network that the checkpoint isn't of before anything here is written over."""
        from netspec.lower.weights import given

        checkpoint = self.path / CHECKPOINT
        if not checkpoint.exists():
            return
        try:
            given(graph, UserWeights(checkpoint, "model"), seed=0, whole=True)
        except SpecError as error:
            first = error.diagnostics[0]
            message = f"the run in `{self.path}` can't go on: {first.message}"
            help = "another network has a folder of its own; `weights` begins with what is here"
            raise SpecError([Diagnostic(first.code, message, help=help)]) from error

    @property
    def weights_file(self) -> Path:
        """Where the weights are once a run has ended."""
        return self.path / WEIGHTS

    @property
    def weights(self) -> UserWeights:
        """The newest weights of the run: those of its end, or of its last checkpoint.

        SpecError where it has none.
        """
        found = [self.path / name for name in (CHECKPOINT, PARTS, WEIGHTS)]
        found = [each for each in found if each.is_file()]
        if not found:
            message = f"`{self.path}` has no weights: no run has left any there"
            raise SpecError([Diagnostic("cannot-read", message, help="`netspec train` makes them")])
        newest = max(found, key=lambda each: each.stat().st_mtime_ns)
        if newest.name == PARTS:
            return UserWeights(self._trained())
        return UserWeights(newest, "model" if newest.name == CHECKPOINT else None)

    def _trained(self) -> "Mapping[str, Tensor]":
        """The weights of the last checkpoint."""
        import torch

        whole = self.path / CHECKPOINT
        if whole.exists():
            return _model_of(torch.load(whole, map_location="cpu", weights_only=True))
        from torch.distributed.checkpoint.format_utils import dcp_to_torch_save

        parts = self.path / (self.path / PARTS).read_text()
        with TemporaryDirectory() as folder:
            dcp_to_torch_save(parts, Path(folder) / CHECKPOINT)
            return _model_of(torch.load(Path(folder) / CHECKPOINT, weights_only=True))

    def keep_weights(self, graph: Graph) -> None:
        """Write the weights of the checkpoint as safetensors, which every tool reads."""
        from netspec.lower.weights import weights_for
        from netspec.lower.weights.safetensors_file import write_safetensors
        from netspec.output import replacing

        weights = weights_for(graph, self._trained(), 0, whole=True)
        with replacing(self.path / WEIGHTS) as file:
            write_safetensors(graph, weights, file)


def _model_of(state: dict[str, Any]) -> "Mapping[str, Tensor]":
    model: Mapping[str, Tensor] = state["model"]
    return model


def _versions() -> dict[str, str]:
    """What a run depends on: of other versions it may give other bits."""
    found = {"netspec": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return {**found, "machine": platform.platform()}
