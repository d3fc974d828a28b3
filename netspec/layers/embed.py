"""A table of learned vectors."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from netspec.graph.fillers import MSRA, ZEROS, Filler
from netspec.graph.reach import POINTWISE, Reach
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import Condition, LayerError, Weight
from netspec.layers.base import Layer, Types
from netspec.layers.elements import INTEGERS, Elements
from netspec.layers.fields import Count
from netspec.layers.filling import check_bilinear


class Embed(Layer):
    """Look up a learned vector for each integer: a word, a class, a position.

    The bottom has any number of axes and holds integers from 0 to `input_dim` − 1, int64 or int32
    (Caffe's real numbers, cut toward zero, are none: give such an input `dtype: int64`). Others are
    an error, here where they are a Constant's, else when the network runs; in an ONNX file −1 is
    the last vector, −2 the one before, as its operator has it. `nn.Embedding` is this layer with
    `bias_term: false`, and its fresh vectors are those of `weight_filler: {type: gaussian}`.
    """

    family: ClassVar[str] = "weights"
    overwritable: ClassVar[bool] = True
    source: ClassVar[str] = "Caffe's embed_layer.cpp; PyTorch's nn.Embedding"
    shape_rule: ClassVar[str] = "the bottom's axes, then num_output"
    weights_rule: ClassVar[str] = (
        "weight: input_dim × num_output; bias: num_output, unless `bias_term` is false"
    )
    flops_rule: ClassVar[str] = "1 for each element with `bias_term`; else none: vectors are copied"
    example: ClassVar[str] = """
        inputs: {words: {shape: [N, T], dtype: int64}}
        layers:
          - {name: embed, type: Embed, input_dim: 10000, num_output: 512, bias_term: false}
    """
    elements: ClassVar[tuple[Elements, ...]] = (INTEGERS,)
    labels: ClassVar[tuple[int, ...]] = (0,)
    looks_up: ClassVar[bool] = True
    synonyms: ClassVar[tuple[str, ...]] = ("Embedding",)
    synonym_notes: ClassVar[dict[str, str]] = {"Embedding": "with `bias_term: false`"}
    field_synonyms: ClassVar[dict[str, str]] = {
        "num_embeddings": "input_dim",
        "vocab_size": "input_dim",
        "embedding_dim": "num_output",
        "output_dim": "num_output",
        "bias": "bias_term",
        "embeddings_initializer": "weight_filler",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "embeddings_initializer": "write `weight_filler: {type: uniform, min: -0.05, max: 0.05}` "
        "(Keras' own)",
        "padding_idx": "leave it out: it is how a table is trained; the network gives that row "
        "like any other",
        "max_norm": "leave it out: netspec constrains no weights",
        "sparse": "leave it out: how gradients are kept is the training's affair",
        "mask_zero": "leave it out: netspec masks nothing",
        "embeddings_constraint": "leave it out: netspec constrains no weights",
    }

    input_dim: Count = Field(description="how many vectors there are")
    num_output: Count = Field(description="elements of each")
    bias_term: bool = Field(True, description="whether to add a learned bias")
    weight_filler: Filler = Field(MSRA, description="how fresh vectors are drawn")
    bias_filler: Filler = Field(ZEROS, description="how fresh biases are drawn")

    def check(self) -> Iterator[LayerError]:
        yield from check_bilinear(
            "weight_filler", self.weight_filler, (self.input_dim, self.num_output)
        )
        yield from check_bilinear("bias_filler", self.bias_filler, (self.num_output,))

    @property
    def classes(self) -> int | None:
        return self.input_dim

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        return POINTWISE

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        return (TensorType(Shape((*bottoms[0].shape, self.num_output))),)

    def conditions_of_integers(
        self, bottoms: Types, number: int, least: int, greatest: int
    ) -> Iterator[Condition]:
        for size, index in ((self.input_dim - greatest, greatest), (least + 1, least)):
            message = f"{{0}} holds {index}, but the vectors' numbers are 0 to {self.input_dim - 1}"
            yield Condition(size, LayerError("bad-value", message, bottom=0))

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        shape = (self.input_dim, self.num_output)
        weights: tuple[Weight, ...] = (Weight("weight", shape, self.weight_filler),)
        if self.bias_term:
            weights += (Weight("bias", (self.num_output,), self.bias_filler),)
        return weights

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.BIAS: tops[0].shape.elements if self.bias_term else 0})

    def brief(self, bottoms: Types) -> str:
        return f"embedding, {self.num_output}"
