"""What can be asked for of an ONNX file. Imports nothing heavy."""

from dataclasses import dataclass
from enum import StrEnum

from netspec.lower.onnx.consumers import CONSUMERS, Consumer, consumer_called
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

    consumer: str | None = option(
        None,
        "ONNX: fit the file to a program that reads it, and refuse what it refuses: "
        f"{', '.join(CONSUMERS)}.",
        str,
        metavar="NAME",
        flag="for",
    )

    def __post_init__(self) -> None:
        version = self.version
        if (reader := self.reader) is not None:
            reader.require(version, self.dtype)
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
        preset = self.reader.preset if self.reader is not None else None
        return opset_for(self.opset if self.opset is not None else preset, self.dtype)

    @property
    def reader(self) -> Consumer | None:
        """The program that is to read the file, None for any; ValueError for an unknown one."""
        return None if self.consumer is None else consumer_called(self.consumer)

    @property
    def states_values(self) -> bool:
        """Whether the types of values on the way stand in the file."""
        return self.value_info and (self.reader is None or self.reader.value_info)
