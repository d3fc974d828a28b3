"""What can be asked for of each target.

An option is a field here: the command line makes its options of these, `netspec.targets` tells by
them which target has a use for one, and the Python interface looks at what it is given as they say.
Imports nothing heavy, so that `--help` can say them.
"""

from collections.abc import Sequence
from dataclasses import Field, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netspec.lower.weights import Source, UserWeights, Weights


class Engine(StrEnum):
    """What a training script runs on."""

    TORCH = "torch"
    LIGHTNING = "lightning"


def option(default: Any, help: str, of: Any = None, **more: Any) -> Any:
    """A field that is an option: what it is unless said, and what `--help` says of it.

    `of` is what users give, where that isn't of the default's type; `least` is the least of it,
    `metavar` what `--help` calls it. The option has no use without the one that it `needs`, nor
    beside those in `idle_beside`, unless `revived_by` is there too. `flag` is what the command line
    calls it, where that can't be the name of a field.
    """
    return field(default=default, metadata={"help": help, "of": of or type(default), **more})


def options_of(kind: type[Any] | None) -> dict[str, Field[Any]]:
    """The options of a target by the names that the command line has for them: what is so unless
    said is switched off there.
    """
    every: tuple[Field[Any], ...] = fields(kind) if kind is not None else ()
    return {f"no_{each.name}" if each.default is True else each.name: each for each in every}


def flag_of(name: str, field: Field[Any]) -> str:
    """What stands on the command line for an option of that name."""
    return f"--{field.metadata.get('flag', name).replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class TorchOptions:
    """How a module in PyTorch is to compute."""

    channels_last: bool = option(
        False,
        "PyTorch: convolutions in channels-last order. PyTorch 2.13 itself can crash in such "
        "training steps of tiny networks on a CPU with AVX2 but not AVX-512: its heap is damaged. "
        "The stock networks train right there.",
    )
    inference: bool = option(
        False,
        "PyTorch: with a function that folds BatchNorm, drops Dropout, and is channels-last.",
    )
    tuple_outputs: bool = option(
        False, "PyTorch: several results as a tuple, not as a dict by name."
    )
    inplace: bool = option(True, "PyTorch: no layer writes over what another gave.")


@dataclass(frozen=True, slots=True)
class FilledOptions:
    """What stands in a file that holds weights: the user's, or fresh ones by `seed`, which also
    fills what the user's may lack.
    """

    weights: "Weights | UserWeights | Source | None" = option(  # noqa: RUF009 (it's a field)
        None,
        "Weights of safetensors, PyTorch or NumPy, or the index of their shards; else fresh.",
        Path,
        metavar="FILE",
    )
    weights_prefix: str | None = option(
        None,
        "What stands before the network's names in those of the weights; auto to find it.",
        str,
        metavar="PREFIX",
        needs="weights",
    )
    fresh: str | Sequence[str] = option(
        (),
        "Parameters ('fc.*') to fill from their fillers where the weights don't fit. Repeatable.",
        list[str],
        metavar="PATTERN",
        needs="weights",
    )
    seed: int = option(
        0,
        "Chooses the fresh weights.",
        least=0,
        idle_beside=("weights", "no_weights"),
        revived_by="fresh",
    )

    @property
    def given(self) -> "Weights | UserWeights | None":
        """The weights, None for fresh ones; ValueError for a prefix or patterns without any."""
        from netspec.lower.weights import Weights, user_weights

        if isinstance(self.weights, Weights):
            return self.weights
        return user_weights(self.weights, self.weights_prefix, self.fresh)

    @property
    def user_weights(self) -> "UserWeights | None":
        """The user's weights, None for fresh ones and those that are ready."""
        from netspec.lower.weights import UserWeights

        return given if isinstance(given := self.given, UserWeights) else None


@dataclass(frozen=True, slots=True)
class SafetensorsOptions(FilledOptions):
    """A file of weights."""


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What a training script is made of beside the network."""

    recipe: str | None = option(
        None,
        "A training script: how the network is trained, a recipe's file (docs/recipes.md) or a "
        "stock recipe (`netspec list --recipes`).",
        str,
        metavar="RECIPE",
    )
    engine: str = option(
        "torch",
        "A training script: what runs it, PyTorch alone or Lightning (a LightningModule).",
        Engine,
        needs="recipe",
    )
