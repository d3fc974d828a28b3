"""The fully connected layer."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from netspec.graph.fillers import MSRA, ZEROS, Filler
from netspec.graph.reach import WHOLE, Reach
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError, Lint, Weight
from netspec.layers.base import Giver, Layer, Types
from netspec.layers.bottoms import lint_axis, require_known, resolve_axis
from netspec.layers.fields import Count
from netspec.layers.filling import check_bilinear
from netspec.layers.sliding import pointwise_but


class InnerProduct(Layer):
    """Multiply by a learned matrix: a fully connected layer.

    The axes from `axis` on are taken as one vector, so a feature map needs no Flatten before. Of a
    sequence N×T×C `axis: -1` takes each element's channels by themselves.
    """

    family: ClassVar[str] = "weights"
    overwritable: ClassVar[bool] = True
    source: ClassVar[str] = "Caffe's inner_product_layer.cpp"
    shape_rule: ClassVar[str] = "the bottom's axes before `axis`, then num_output"
    flops_rule: ClassVar[str] = "2 for each multiply-accumulate, 1 for each bias added"
    weights_rule: ClassVar[str] = (
        "weight: num_output × inputs, with `transpose` inputs × num_output; bias: num_output, "
        "unless `bias_term` is false"
    )
    macs_rule: ClassVar[str] = "inputs for each element of the top"
    example: ClassVar[str] = """
        inputs: {data: [N, 256, 6, 6]}
        layers:
          - {name: fc6, type: InnerProduct, num_output: 4096}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("Linear", "Dense", "Gemm", "FullyConnected", "FC")
    field_synonyms: ClassVar[dict[str, str]] = {
        "out_features": "num_output",
        "out_channels": "num_output",
        "units": "num_output",
        "bias": "bias_term",
        "use_bias": "bias_term",
        "kernel_initializer": "weight_filler",
        "bias_initializer": "bias_filler",
        "transB": "transpose",
    }
    synonym_notes: ClassVar[dict[str, str]] = {
        "Gemm": "where its weights are learned",
        **dict.fromkeys(
            ("Linear", "Dense"), "(of more than two axes it takes the last alone with `axis: -1`)"
        ),
    }
    field_notes: ClassVar[dict[str, str]] = {
        "kernel_initializer": "write `weight_filler: {type: msra}` (He's) or `{type: xavier}` "
        "(Glorot's)",
        "bias_initializer": "write `bias_filler: {value: 0}`; leave it out where it is zero",
        "transB": "with `transB: 1` the weights are as here, `num_output` first: leave it out; "
        "with 0 write `transpose: true`",
    }

    stated: ClassVar[tuple[str, ...]] = ("axis",)

    num_output: Count = Field(description="elements of the result")
    bias_term: bool = Field(True, description="whether to add a learned bias")
    axis: int = Field(1, description="the first axis of the vector; negative: from the back")
    transpose: bool = Field(
        False, description="store the weights as inputs×outputs, not outputs×inputs"
    )
    weight_filler: Filler = Field(MSRA, description="how fresh weights are drawn")
    bias_filler: Filler = Field(ZEROS, description="how fresh biases are drawn")

    def check(self) -> Iterator[LayerError]:
        yield from check_bilinear("weight_filler", self.weight_filler, (None, self.num_output))
        yield from check_bilinear("bias_filler", self.bias_filler, (self.num_output,))

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        return pointwise_but(rank, range(self.axis % rank, rank), WHOLE)

    def brief(self, bottoms: Types) -> str:
        return f"fc {self.num_output}"

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        axis = resolve_axis(self, self.axis, shape)
        require_known(self, "the number of inputs", shape[axis:].elements)
        return (bottoms[0].with_shape(*shape[:axis], self.num_output),)

    def lints(self, bottoms: Types, givers: Sequence[Giver | None]) -> Iterable[Lint]:
        return lint_axis(self, bottoms, "takes all behind the batch as one vector")

    def inputs(self, bottoms: Types) -> int:
        """The length of the vectors that the matrix is applied to."""
        shape = bottoms[0].shape
        return require_known(
            self, "the number of inputs", shape[resolve_axis(self, self.axis, shape) :].elements
        )

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        inputs = self.inputs(bottoms)
        shape = (inputs, self.num_output) if self.transpose else (self.num_output, inputs)
        weights: tuple[Weight, ...] = (Weight("weight", shape, self.weight_filler),)
        if self.bias_term:
            weights += (Weight("bias", (self.num_output,), self.bias_filler),)
        return weights

    def features(self, shape: Shape) -> int | None:
        last = shape.rank - 1
        return last if self.axis % shape.rank == last else None

    @property
    def adds_bias(self) -> bool:
        return self.bias_term

    def takes_in_scale(self, bottoms: Types) -> int | None:
        if self.axis % bottoms[0].shape.rank != 1:
            return None
        return 1 if self.transpose else 0

    def work(self, bottoms: Types, tops: Types) -> Work:
        elements = tops[0].shape.elements
        return Work(
            {
                Kind.LINEAR: elements * self.inputs(bottoms),
                Kind.LINEAR_BIAS: elements if self.bias_term else 0,
            }
        )


class DropConnect(InnerProduct):
    """A fully connected layer that in the TRAIN phase drops weights at random.

    Each weight becomes 0 with the probability p = `drop_ratio` and is divided by 1 − p otherwise,
    so that the mean stays: for one pass over the batch, biases are kept. In the TEST phase, and in
    an ONNX file, it is InnerProduct. (The paper drops for each sample anew, multiplies by 1 − p in
    TEST, and draws its sums from a Gaussian there.)
    """

    source: ClassVar[str] = "Wan et al. 2013, Regularization of Neural Networks using DropConnect"
    synonyms: ClassVar[tuple[str, ...]] = ()
    synonym_notes: ClassVar[dict[str, str]] = {}
    example: ClassVar[str] = """
        inputs: {data: [N, 1024]}
        layers:
          - {name: fc, type: DropConnect, num_output: 150, drop_ratio: 0.5}
    """
    field_synonyms: ClassVar[dict[str, str]] = InnerProduct.field_synonyms | {
        "p": "drop_ratio",
        "rate": "drop_ratio",
        "dropout_ratio": "drop_ratio",
    }

    drop_ratio: float = Field(0.5, ge=0, lt=1, description="the share of weights zeroed")
