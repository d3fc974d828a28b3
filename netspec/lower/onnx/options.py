"""What can be asked for of an ONNX file."""

from dataclasses import dataclass
from pathlib import Path

from netspec.lower.opsets import opset_for
from netspec.lower.weights import Source


@dataclass(frozen=True, slots=True)
class Options:
    """How a network is written; ValueError for what doesn't exist or doesn't go together.

    `weights` are the user's, or of `netspec.lower.weights`; None: fresh ones by `seed`. With
    `no_weights` the parameters are inputs of the model, behind the network's own. With
    `reference_weights` the model refers to the tensors of a `.safetensors` file instead of
    holding copies. `opset` None is the default. `dtype` is what floating-point inputs, weights
    and outputs are of. `fold_batchnorm` simplifies (see `simplify`). `value_info` states the types
    of all values on the way.
    """

    weights: Source | None = None
    seed: int = 0
    opset: int | None = None
    dtype: str = "float32"
    no_weights: bool = False
    reference_weights: bool = False
    fold_batchnorm: bool = False
    value_info: bool = True

    def __post_init__(self) -> None:
        opset_for(self.opset, self.dtype)
        if self.no_weights and self.weights is not None:
            raise ValueError("a model without weights takes none")
        if self.no_weights and self.reference_weights:
            raise ValueError("a model without weights refers to none")
        if self.reference_weights and not _is_safetensors(self.weights):
            raise ValueError("only the weights of a .safetensors file can be referred to")

    @property
    def version(self) -> int:
        """The opset that is written."""
        return opset_for(self.opset, self.dtype)


def _is_safetensors(weights: Source | None) -> bool:
    return isinstance(weights, str | Path) and Path(weights).suffix.lower() == ".safetensors"
