"""What can be asked for of an ONNX file. Imports nothing heavy."""

from dataclasses import dataclass
from enum import StrEnum

from netspec.lower.onnx.opsets import DEFAULT_OPSETS, NEWEST_OPSET, OLDEST_OPSET, opset_for
from netspec.lower.options import FilledOptions, option


class ElementType(StrEnum):
    """What an ONNX file computes with."""

    float32 = "float32"
    float16 = "float16"
    bfloat16 = "bfloat16"


@dataclass(frozen=True, slots=True)
class Options(FilledOptions):
    """How an ONNX file is written; ValueError for what doesn't exist or doesn't go together."""

    no_weights: bool = option(False, "ONNX: the parameters are inputs of the model.")
    reference_weights: bool = option(
        False, "ONNX: refer to the tensors of the .safetensors file, don't copy them."
    )
    opset: int | None = option(
        None,
        f"ONNX's operator set, {OLDEST_OPSET} to {NEWEST_OPSET}; {DEFAULT_OPSETS['float32']} "
        f"unless said, or {DEFAULT_OPSETS['bfloat16']} for bfloat16.",
        int,
    )
    dtype: str = option(
        "float32",
        "What the ONNX file's inputs, weights and outputs are of.",
        ElementType,
    )
    fold_batchnorm: bool = option(
        False,
        "ONNX: let layers take in the BatchNorm behind them; leave out what does nothing.",
    )
    value_info: bool = option(
        True,
        "ONNX: state the types of inputs and outputs alone, for tools that then fix a size.",
    )

    def __post_init__(self) -> None:
        opset_for(self.opset, self.dtype)
        if self.no_weights and self.weights is not None:
            raise ValueError("a model without weights takes none")
        if self.no_weights and self.reference_weights:
            raise ValueError("a model without weights refers to none")
        path = user.path if (user := self.user_weights) is not None else None
        is_safetensors = path is not None and path.suffix.lower() == ".safetensors"
        if self.reference_weights and not is_safetensors:
            raise ValueError("only the weights of a .safetensors file can be referred to")

    @property
    def version(self) -> int:
        """The opset that is written."""
        return opset_for(self.opset, self.dtype)
