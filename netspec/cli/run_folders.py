"""What `test` and `predict` are asked of: a run's folder, or a spec with its weights."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.options import load_spec

if TYPE_CHECKING:
    from netspec.lower.weights import UserWeights
    from netspec.network import Network
    from netspec.training import Folder

TrainedArgument = Annotated[
    str,
    typer.Argument(
        metavar="DIR",
        help="The folder of a run (`netspec train`); with `--weights` a spec, as for `train`.",
    ),
]
WeightsOption = Annotated[
    Path | None,
    typer.Option("--weights", metavar="FILE", help="The weights of a spec, of any kind there is."),
]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Where the recipe's files of data are."),
]


class Trained:
    """A spec and its weights, and the folder of their run if they have one."""

    def __init__(
        self,
        asked: str,
        weights: Path | None,
        settings: list[str] | None,
        inputs: list[str] | None,
    ) -> None:
        from netspec.lower.weights import UserWeights

        self._settings, self._inputs = settings, inputs
        self.folder: Folder | None = None
        self._spec = asked
        if weights is None:
            self.folder = _folder(asked)
            if settings:
                rule = (
                    "a run's network is as it was trained; `--set` is for a spec with `--weights`"
                )
                raise typer.BadParameter(rule, param_hint="--set")
            self._spec = str(self.folder.path / "spec.yaml")
        self._weights = UserWeights(weights) if weights is not None else None

    def network(self, outputs: list[str] | None = None) -> "Network":
        """The network, or as much of it as gives some of its outputs."""
        return load_spec(self._spec, self._settings, self._inputs, outputs)

    @property
    def recipe_file(self) -> Path:
        """The recipe of the run; there is a folder."""
        assert self.folder is not None
        return self.folder.path / "recipe.yaml"

    @property
    def weights(self) -> "UserWeights":
        if self._weights is not None:
            return self._weights
        assert self.folder is not None
        return self.folder.weights


def _folder(asked: str) -> "Folder":
    from netspec.training import Folder

    folder = Folder(Path(asked))
    if not folder.is_prepared:
        rule = f"'{asked}' is no folder of a run; a spec has its weights in `--weights`"
        raise typer.BadParameter(rule, param_hint="DIR")
    return folder
