"""What can be asked for of an ONNX file."""

from dataclasses import dataclass

from netspec.lower.onnx.opsets import opset_for
from netspec.lower.weights import Source, UserWeights, Weights, user_weights


@dataclass(frozen=True, slots=True)
class Options:
    """How a network is written; ValueError for what doesn't exist or doesn't go together.

    `weights` are the user's, or of `netspec.lower.weights`; None: fresh ones by `seed`, which also
    fills what the user's may lack. With
    `no_weights` the parameters are inputs of the model, behind the network's own. With
    `reference_weights` the model refers to the tensors of a `.safetensors` file instead of
    holding copies. `opset` None is the default. `dtype` is what floating-point inputs, weights
    and outputs are of. `fold_batchnorm` simplifies (see `simplify`). `value_info` states the types
    of all values on the way.
    """

    weights: Weights | UserWeights | Source | None = None
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
        if self.reference_weights and not self._is_safetensors:
            raise ValueError("only the weights of a .safetensors file can be referred to")

    @property
    def version(self) -> int:
        """The opset that is written."""
        return opset_for(self.opset, self.dtype)

    @property
    def user_weights(self) -> UserWeights | None:
        """The user's weights, None for fresh ones and those that are ready."""
        return None if isinstance(self.weights, Weights) else user_weights(self.weights)

    @property
    def _is_safetensors(self) -> bool:
        path = self.user_weights.path if self.user_weights is not None else None
        return path is not None and path.suffix.lower() == ".safetensors"
