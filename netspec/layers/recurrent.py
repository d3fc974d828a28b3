"""Recurrent layers: a state that goes along a sequence, and what it is at each step."""

from collections.abc import Iterator
from math import sqrt
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.counted import counted
from netspec.graph.fillers import Filler, uppercase
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError, Weight
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import require_known
from netspec.layers.fields import Count
from netspec.layers.filling import check_bilinear
from netspec.layers.fitting import alike

MAX_LAYERS = 64
"""The most layers of one recurrent layer; each has up to eight parameters."""
SIGMOID = 4
"""What a sigmoid counts as; a hyperbolic tangent and a rectifier count as one operation."""

NO_NAN = "PyTorch carries NaN on from step to step; ONNX Runtime may make a number of it"

MARKS = (
    "Caffe's marks of where sequences begin (`cont`) are left out: each item of the batch is a "
    "sequence that begins with its first step"
)

Nonlinearity = Annotated[Literal["TANH", "RELU"], BeforeValidator(uppercase)]


def _weights_rule(rows: str, blocks: str = "") -> str:
    order = f", in blocks of rows {blocks}" if blocks else ""
    return (
        f"weight_ih_l0: {rows} × inputs, weight_hh_l0: {rows} × num_output, and unless `bias_term` "
        f"is false bias_ih_l0, bias_hh_l0: {rows}{order}; with `bidirectional` the same again "
        "(weight_ih_l0_reverse, weight_hh_l0_reverse, bias_ih_l0_reverse, bias_hh_l0_reverse); "
        "then the next layer's (weight_ih_l1, weight_hh_l1, bias_ih_l1, bias_hh_l1), …"
    )


class Recurrent(Layer):
    """The base of the recurrent layers: all but what a step computes."""

    family: ClassVar[str] = "recurrent"
    bottom_count: ClassVar[tuple[int, int | None]] = (1, 2)
    top_count: ClassVar[tuple[int, int | None]] = (1, 2)
    shape_rule: ClassVar[str] = (
        "N×T×num_output, with `bidirectional` N×T×2·num_output; a state: num_layers · "
        "directions×N×num_output"
    )
    macs_rule: ClassVar[str] = (
        "for each step, layer and direction gates · num_output · (inputs + num_output)"
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "hidden_size": "num_output",
        "units": "num_output",
        "bias": "bias_term",
        "use_bias": "bias_term",
        "dropout": "dropout_ratio",
        "kernel_initializer": "weight_filler",
        "recurrent_initializer": "weight_filler",
        "bias_initializer": "bias_filler",
        "direction": "bidirectional",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "input_size": "leave it out: a layer knows it from what it reads",
        "batch_first": "leave it out: a sequence is N×T×C; `Permute` with `order: [1, 0, 2]` turns "
        "one that is T×N×C",
        "time_major": "leave it out: a sequence is N×T×C; `Permute` with `order: [1, 0, 2]` turns "
        "one that is T×N×C",
        "layout": "leave it out: a sequence is N×T×C; `Permute` with `order: [1, 0, 2]` turns one "
        "that is T×N×C",
        "direction": "write `bidirectional: true`; there is none that runs backwards alone",
        "go_backwards": "there is none that runs backwards alone; `bidirectional: true` runs both "
        "ways",
        "return_sequences": "leave it out: it gives the sequence; the last step is its final "
        "state, the second of two tops",
        "return_state": "name the final states as further tops: `top: [steps, state]`",
        "expose_hidden": "name the states: initial ones are further bottoms, final ones further "
        "tops",
        "stateful": "leave it out: what is to be kept is a bottom and a top, `top: [steps, state]`",
        "cont": "leave it out: each item of the batch is a sequence that begins with its first "
        "step",
        "recurrent_dropout": "netspec drops between layers only: `dropout_ratio`",
        "proj_size": "netspec has no projected states, as ONNX has none; `InnerProduct` with "
        "`axis: -1` projects the sequence",
        "kernel_initializer": "write `weight_filler`, which goes for all matrices: "
        "`weight_filler: {type: xavier}`",
        "recurrent_initializer": "write `weight_filler`, which goes for all matrices: "
        "`weight_filler: {type: xavier}`",
        "bias_initializer": "write `bias_filler: {value: 0}`",
    }

    gates: ClassVar[int]
    """How many rows of blocks a matrix has: a block of num_output rows for each gate."""
    states: ClassVar[int] = 1
    """How many states go along."""
    functions: ClassVar[int]
    """Operations of sigmoids and hyperbolic tangents for each element of a layer's state at a step;
    the GRU's 1 − z is among them.
    """
    products: ClassVar[int]
    """Other products and sums for each element of a layer's state at a step, behind the gates."""

    num_output: Count = Field(description="elements of the state, and of a step in each direction")
    num_layers: int = Field(
        1, ge=1, le=MAX_LAYERS, description="how many, each reading what the one before gives"
    )
    bidirectional: bool = Field(
        False,
        description="whether a second state runs backwards; a step is both, one behind the other",
    )
    bias_term: bool = Field(True, description="whether to add learned biases, two for each gate")
    dropout_ratio: float = Field(
        0.0, ge=0, lt=1, description="the share of elements zeroed between layers, in TRAIN"
    )
    weight_filler: Filler | None = Field(
        None,
        description="how fresh matrices are drawn; uniform within ±1 / sqrt(num_output) "
        "unless given",
    )
    bias_filler: Filler | None = Field(
        None,
        description="how fresh biases are drawn; uniform within ±1 / sqrt(num_output) unless given",
    )

    @property
    def stacked(self) -> int:
        return self.num_layers

    @property
    def directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def saturates(self) -> bool:
        return True

    def check(self) -> Iterator[LayerError]:
        if self.dropout_ratio and self.num_layers == 1:
            yield LayerError(
                "field-conflict",
                f"{self.type_name} drops elements between its layers, but has only one",
                field="dropout_ratio",
                help="a `Dropout` behind it drops elements of what it gives",
            )
        if self.weight_filler is not None:
            yield from check_bilinear("weight_filler", self.weight_filler, (None, None))
        if self.bias_filler is not None:
            yield from check_bilinear("bias_filler", self.bias_filler, (None,))

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        return self.outputs_for(bottoms, 0)

    def outputs_for(self, bottoms: Types, count: int) -> tuple[TensorType, ...]:
        shape = self._sequence(bottoms)
        if len(bottoms) not in (1, 1 + self.states):
            raise LayerError(
                "bottom-count",
                f"{self.type_name} reads a sequence, and its initial states or none, but has "
                f"{counted(len(bottoms), 'bottom')}",
                bottom=1,
                help=MARKS
                if bottoms[1].shape.rank == 2
                else "name both states behind the sequence: `bottom: [x, h, c]`",
            )
        state = bottoms[0].with_shape(self.num_layers * self.directions, shape[0], self.num_output)
        for number, bottom in enumerate(bottoms[1:], 1):
            self._check_state(bottom.shape, state.shape, number)
        top = bottoms[0].with_shape(*shape[:2], self.directions * self.num_output)
        return (top, *[state] * self.states)[: max(count, 1)]

    def _sequence(self, bottoms: Types) -> Shape:
        shape = bottoms[0].shape
        if shape.rank != 3:
            raise LayerError(
                "shape-mismatch",
                f"{self.type_name} needs a sequence, N×T×C, but reads {shape}",
                bottom=0,
                help="`Reshape` with `shape: [0, 1, -1]` makes a sequence of one step"
                if shape.rank == 2
                else None,
            )
        require_known(self, "the size of a step", shape[2])
        return shape

    def _check_state(self, found: Shape, wanted: Shape, number: int) -> None:
        if alike(found, wanted):
            return
        raise LayerError(
            "shape-mismatch",
            f"{self.type_name}'s state must be num_layers · directions×N×num_output, here "
            f"{wanted}, but {{{number}}} is {found}",
            bottom=number,
            help=MARKS if found.rank == 2 else None,
        )

    def parts(self) -> Iterator[tuple[int, str]]:
        """Each layer's number and, for each of its directions, the end of its parameters' names."""
        for layer in range(self.num_layers):
            for suffix in ("", "_reverse")[: self.directions]:
                yield layer, f"l{layer}{suffix}"

    def inputs(self, bottoms: Types, layer: int) -> int:
        """The elements of a step that a layer reads."""
        if layer:
            return self.directions * self.num_output
        return require_known(self, "the size of a step", bottoms[0].shape[2])

    def default_filler(self) -> Filler:
        """PyTorch's, for matrices and biases alike."""
        bound = 1 / sqrt(self.num_output)
        return Filler.model_construct(type="uniform", min=-bound, max=bound)

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        default = self.default_filler()
        matrix, bias = self.weight_filler or default, self.bias_filler or default
        rows = self.gates * self.num_output
        made: list[Weight] = []
        for layer, end in self.parts():
            made.append(Weight(f"weight_ih_{end}", (rows, self.inputs(bottoms, layer)), matrix))
            made.append(Weight(f"weight_hh_{end}", (rows, self.num_output), matrix))
            if self.bias_term:
                made += [Weight(f"bias_{kind}_{end}", (rows,), bias) for kind in ("ih", "hh")]
        return tuple(made)

    def work(self, bottoms: Types, tops: Types) -> Work:
        columns = sum(self.inputs(bottoms, layer) + self.num_output for layer, _ in self.parts())
        batch, steps, _ = bottoms[0].shape
        times = batch * steps
        states = times * (self.num_layers * self.directions * self.num_output)
        return Work(
            {
                Kind.RECURRENT: times * (self.gates * self.num_output * columns),
                Kind.RECURRENT_BIAS: states * (2 * self.gates if self.bias_term else 0),
                Kind.RECURRENT_SUM: states * self.gates,
                Kind.RECURRENT_FUNCTION: states * self.functions,
                Kind.RECURRENT_PRODUCT: states * self.products,
            }
        )

    def brief(self, bottoms: Types) -> str:
        return f"{self.type_name} {self.num_output}"


class LSTM(Recurrent):
    """Long short-term memory: a sequence's own memory, which gates write, keep and show.

    At each step i, f, o = sigmoid(W·x + b + U·h + d), g = tanh(the same of its own rows),
    c = f·c + i·g, h = o·tanh(c). The bottom is a sequence N×T×C, the top h at each step. Initial
    states are further bottoms (`bottom: [x, h0, c0]`; else zeros), final ones further tops
    (`top: [steps, h, c]`), as PyTorch has them: num_layers · directions×N×num_output, a layer's
    directions one behind the other. In one direction the last step is `Gather` with `axis: 1` and
    `indices: -1`, whatever T is; with two, the backward one's last is at place 0, and both are in
    h: that of the last layer by `Slice` with `axis: 0`. Parameters have PyTorch's names, order and
    fresh values.

    Caffe's LSTM is this one between two `Permute` with `order: [1, 0, 2]`, as far as its `cont`
    is 0 at the first step and 1 from there on: its W_x, b and W_h are weight_ih, bias_ih and
    weight_hh with the blocks of rows i, f, o, g in the order i, f, g, o, and bias_hh is 0.
    """

    source: ClassVar[str] = "Hochreiter and Schmidhuber 1997; Gers et al. 2000; PyTorch's nn.LSTM"
    weights_rule: ClassVar[str] = _weights_rule("4·num_output", "i, f, g, o")
    flops_rule: ClassVar[str] = (
        "2 for each multiply-accumulate; at each step, for each element of a layer's state: 4 sums "
        "of two products, 8 biases added, 3 sigmoids of 4, 2 hyperbolic tangents, 3 products and "
        "an addition"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (1, 3)
    top_count: ClassVar[tuple[int, int | None]] = (1, 3)
    example: ClassVar[str] = """
        inputs: {words: {shape: [N, T], dtype: int64}}
        layers:
          - {name: embed, type: Embed, input_dim: 10000, num_output: 256, bias_term: false}
          - {name: lstm, type: LSTM, num_output: 512, num_layers: 2, dropout_ratio: 0.5}
          - {name: scores, type: InnerProduct, num_output: 10000, axis: -1}
    """
    nonfinite: ClassVar[str | None] = NO_NAN
    gates: ClassVar[int] = 4
    states: ClassVar[int] = 2
    functions: ClassVar[int] = 3 * SIGMOID + 2
    products: ClassVar[int] = 4


class GRU(Recurrent):
    """Gated recurrent units: a state that one gate resets and another one keeps.

    At each step r, z = sigmoid(W·x + b + U·h + d), n = tanh(W·x + b + r·(U·h + d)) of its own rows,
    h = (1 − z)·n + z·h: PyTorch's form, which resets behind the product. The bottom is a sequence
    N×T×C, the top h at each step. An initial state is a second bottom (else zeros), the final one a
    second top: num_layers · directions×N×num_output. With one layer and direction the last step is
    that, reshaped, whatever T is. Parameters have PyTorch's names, order and fresh values.
    """

    source: ClassVar[str] = "Cho et al. 2014; PyTorch's nn.GRU"
    weights_rule: ClassVar[str] = _weights_rule("3·num_output", "r, z, n")
    flops_rule: ClassVar[str] = (
        "2 for each multiply-accumulate; at each step, for each element of a layer's state: 3 sums "
        "of two products, 6 biases added, 2 sigmoids of 4, a hyperbolic tangent, 3 products and 2 "
        "additions"
    )
    example: ClassVar[str] = """
        inputs: {data: [N, T, 40]}
        layers:
          - {name: gru, type: GRU, num_output: 128, top: [steps, state]}
          - {name: last, type: Reshape, shape: [-1, 128], bottom: state}
          - {name: scores, type: InnerProduct, num_output: 10}
    """
    field_notes: ClassVar[dict[str, str]] = Recurrent.field_notes | dict.fromkeys(
        ("linear_before_reset", "reset_after"),
        "leave it out: the reset stands behind the product, as in PyTorch",
    )
    nonfinite: ClassVar[str | None] = NO_NAN
    gates: ClassVar[int] = 3
    functions: ClassVar[int] = 2 * SIGMOID + 1 + 1  # 1 − z
    products: ClassVar[int] = 4


class RNN(Recurrent):
    """Elman's network: a state that is made of the step and of the state before.

    At each step h = tanh(W·x + b + U·h + d), or with `nonlinearity: RELU` max(…, 0). The bottom is
    a sequence N×T×C, the top h at each step. An initial state is a second bottom (else zeros), the
    final one a second top: num_layers · directions×N×num_output. With one layer and direction the
    last step is that, reshaped, whatever T is. Parameters have PyTorch's names, order and fresh
    values.

    Caffe's RNN is three layers between two `Permute` with `order: [1, 0, 2]`, as far as its `cont`
    is 0 at the first step and 1 from there on: this one with W_xh, b_h and W_hh as weight_ih,
    bias_ih and weight_hh (bias_hh is 0), `InnerProduct` with `axis: -1`, W_ho and b_o, and `TanH`.
    """

    source: ClassVar[str] = "Elman 1990; PyTorch's nn.RNN"
    weights_rule: ClassVar[str] = _weights_rule("num_output")
    flops_rule: ClassVar[str] = (
        "2 for each multiply-accumulate; at each step, for each element of a layer's state: a sum "
        "of two products, 2 biases added, and the function"
    )
    example: ClassVar[str] = """
        inputs: {data: [N, T, 40]}
        layers:
          - {name: rnn, type: RNN, num_output: 128, bidirectional: true}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("SimpleRNN",)
    field_synonyms: ClassVar[dict[str, str]] = Recurrent.field_synonyms | {
        "activation": "nonlinearity",
        "activations": "nonlinearity",
    }
    nonfinite: ClassVar[str | None] = f"with `nonlinearity: RELU` {NO_NAN}"
    gates: ClassVar[int] = 1
    functions: ClassVar[int] = 1
    products: ClassVar[int] = 0

    nonlinearity: Nonlinearity = Field("TANH", description="what makes the state of the sum")

    @property
    def saturates(self) -> bool:
        return self.nonlinearity == "TANH"
