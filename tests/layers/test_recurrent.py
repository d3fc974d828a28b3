"""LSTM, GRU and RNN: their numbers, states, parameters, costs, code, and what they refuse."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import netspec
from netspec.graph import Graph, Size
from netspec.graph.fillers import Filler
from netspec.layers.answers import LayerError
from netspec.layers.recurrent import GRU, LSTM, MAX_LAYERS, RNN, Recurrent
from netspec.lower.torch import to_source, to_torch
from netspec.lower.values import Array
from netspec.lower.weights import fresh
from tests.agreement import weights_at_random
from tests.graphs import Builder, H, N
from tests.layers.layer_checks import refusal, types
from tests.lower.onnx.checks import NEWEST, OPSETS, checked_model, run

KINDS: list[tuple[type[Recurrent], type[nn.RNNBase]]] = [
    (LSTM, nn.LSTM),
    (GRU, nn.GRU),
    (RNN, nn.RNN),
]
FORMS: list[dict[str, Any]] = [
    {},
    {"num_layers": 3},
    {"bidirectional": True, "bias_term": False},
    {"num_layers": 2, "bidirectional": True, "dropout_ratio": 0.5},
]
every_kind = pytest.mark.parametrize(("kind", "module"), KINDS)


def recurrent(layer: Recurrent, *shape: Size, stated: bool = False) -> Graph:
    """The layer with all its tops, and with initial states if wanted."""
    builder = Builder()
    data = builder.input("data", *shape)
    bottoms = [data]
    if stated:
        size = (layer.num_layers * layer.directions, shape[0], layer.num_output)
        bottoms += [builder.input(f"state{number}", *size) for number in range(layer.states)]
    names = [f"top{number}" for number in range(1 + layer.states)]
    return builder.graph(*builder.layers(names, "here", layer, *bottoms))


def inputs_for(graph: Graph, known: dict[Size, int]) -> list[Array]:
    shapes: list[Any] = [[known.get(size, size) for size in blob.shape] for blob in graph.inputs]
    random = np.random.default_rng(0)
    return [random.standard_normal(shape, np.float32) for shape in shapes]


def pytorchs(module: Any, layer: Recurrent, size: int) -> nn.RNNBase:
    """What a person writes for the layer."""
    more = {"nonlinearity": layer.nonlinearity.lower()} if isinstance(layer, RNN) else {}
    made: nn.RNNBase = module(
        size,
        layer.num_output,
        num_layers=layer.num_layers,
        bias=layer.bias_term,
        batch_first=True,
        bidirectional=layer.bidirectional,
        **more,
    )
    return made


def tops_of(module: nn.RNNBase, inputs: list[Tensor]) -> list[Tensor]:
    states: Any = tuple(inputs[1:])
    given, ended = module(
        inputs[0], *([states if len(states) > 1 else states[0]] if states else [])
    )
    return [given, *(ended if isinstance(ended, tuple) else [ended])]


def check_numbers(
    layer: Recurrent, module: type[nn.RNNBase], *, stated: bool, opsets: list[int]
) -> None:
    graph = recurrent(layer, N, H, 4, stated=stated)
    weights = weights_at_random(graph)
    own = pytorchs(module, layer, 4).double()
    state = {name.partition(".")[2]: torch.from_numpy(weights[name].copy()) for name in weights}
    own.load_state_dict(state)
    assert list(own.state_dict()) == [each.name.partition(".")[2] for each in graph.parameters]
    for batch, steps in ((2, 7), (1, 1)):
        inputs = inputs_for(graph, {N: batch, H: steps})
        tensors = [torch.from_numpy(each).double() for each in inputs]
        expected = [top.detach().numpy() for top in tops_of(own, tensors)]
        emitted = to_torch(graph, weights=weights).double().eval()(*tensors)
        for top, wanted in zip(emitted.values(), expected, strict=True):
            np.testing.assert_array_equal(top.detach().numpy(), wanted)
        for opset in opsets:
            for top, wanted in zip(
                run(checked_model(graph, weights, opset), *inputs), expected, strict=True
            ):
                np.testing.assert_allclose(top, wanted, atol=2e-6, err_msg=str(opset))


@every_kind
@pytest.mark.parametrize("stated", [False, True])
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_pytorchs_own(
    kind: type[Recurrent], module: type[nn.RNNBase], form: dict[str, Any], stated: bool
) -> None:
    check_numbers(kind(num_output=3, **form), module, stated=stated, opsets=[20])


@every_kind
def test_every_opset(kind: type[Recurrent], module: type[nn.RNNBase]) -> None:
    layer = kind(num_output=3, num_layers=2, bidirectional=True)
    check_numbers(layer, module, stated=True, opsets=list(OPSETS))


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_rectified_state(form: dict[str, Any]) -> None:
    layer = RNN(num_output=3, nonlinearity="RELU", **form)
    check_numbers(layer, nn.RNN, stated=True, opsets=[13, 17, NEWEST])


@every_kind
def test_fresh_parameters_are_pytorchs(kind: type[Recurrent], module: type[nn.RNNBase]) -> None:
    """Uniform within ±1 / sqrt(num_output), biases too; drawn by the module, or from a seed."""
    graph = recurrent(kind(num_output=16, num_layers=2), N, H, 30)
    torch.manual_seed(0)
    mine = to_torch(graph).state_dict()
    torch.manual_seed(0)
    own = pytorchs(module, kind(num_output=16, num_layers=2), 30)
    own.reset_parameters()  # as `init_weights` does
    for name, value in own.state_dict().items():
        torch.testing.assert_close(mine[f"here.{name}"], value, rtol=0, atol=0)
    for value in fresh(graph, 3).values():
        assert 0.2 < abs(value).max() <= 0.25


CONT = (
    "Caffe's marks of where sequences begin (`cont`) are left out: each item of the batch is a "
    "sequence that begins with its first step"
)

FILLED = """
netspec: 1
name: Net
inputs: {data: [N, T, 4]}
vars: {hidden: 5, deep: 2}
layers:
  - {name: plain, type: LSTM, num_output: $hidden, num_layers: $deep}
  - {name: wide, type: LSTM, num_output: 7}
  - {name: set, type: LSTM, num_output: 3, bidirectional: true, weight_filler: {type: xavier}}
  - {name: zero, type: LSTM, num_output: 3, bias_filler: {value: 0}}
"""


def test_fillers() -> None:
    """What the modules fill themselves they do, whatever their size; the rest goes by name, which
    a type checker, who doesn't know these attributes, takes.
    """
    graph = netspec.loads(FILLED)
    source = to_source(graph)
    start, end = source.index("        for module in"), source.index("    def param_groups")
    assert source[start:end] == (
        """\
        for module in self.modules():
            if isinstance(module, nn.LSTM):
                module.reset_parameters()
        nn.init.kaiming_uniform_(
            self.get_parameter("set.weight_ih_l0"), nonlinearity="linear"
        )
        nn.init.kaiming_uniform_(
            self.get_parameter("set.weight_hh_l0"), nonlinearity="linear"
        )
        nn.init.kaiming_uniform_(
            self.get_parameter("set.weight_ih_l0_reverse"), nonlinearity="linear"
        )
        nn.init.kaiming_uniform_(
            self.get_parameter("set.weight_hh_l0_reverse"), nonlinearity="linear"
        )
        nn.init.zeros_(self.get_parameter("zero.bias_ih_l0"))
        nn.init.zeros_(self.get_parameter("zero.bias_hh_l0"))

"""
    )
    assert "def __init__(self, hidden: int = 5, deep: int = 2)" in source
    state: dict[str, Any] = to_torch(graph).state_dict()
    assert not state["zero.bias_ih_l0"].any()
    assert state["zero.weight_ih_l0"].abs().max() <= 3**-0.5
    assert state["set.weight_ih_l0"].abs().max() > 14**-0.5 * 0.9
    assert 7**-0.5 * 0.8 < state["wide.weight_hh_l0"].abs().max() <= 7**-0.5


def test_sizes_are_parameters_of_the_module() -> None:
    """A module of another size has the parameters of the spec at that size."""
    source: dict[str, Any] = {}
    exec(to_source(netspec.loads(FILLED)), source)  # the code that is emitted
    other = netspec.loads(FILLED, hidden=9, deep=3)
    made = source["Net"](hidden=9, deep=3).state_dict()
    assert {name: tuple(value.shape) for name, value in made.items()} == {
        each.name: each.shape for each in other.parameters
    }


def test_layers_whose_parameters_are_filled_by_name_keep_their_number() -> None:
    text = FILLED.replace("num_layers: $deep}", "num_layers: $deep, bias_filler: {value: 0}}")
    assert "def __init__(self, hidden: int = 5)" in to_source(netspec.loads(text))


CALLS = """
netspec: 1
name: Net
inputs: {data: [N, T, 4]}
layers:
  - {name: lstm, type: LSTM, num_output: 4, top: [steps, h, c]}
  - {name: gru, type: GRU, num_output: 4, top: [seq, last], bottom: [steps, h]}
  - {name: next, type: LSTM, num_output: 4, bottom: [seq, last, c]}
  - {name: drop, type: Dropout}
  - {name: fc, type: InnerProduct, num_output: 2, axis: -1}
  - {name: end, type: LSTM, num_output: 3, top: [unread, state]}
  - {name: flat, type: Reshape, shape: [-1, 3], bottom: state}
"""


def test_calls_are_a_persons() -> None:
    source = to_source(netspec.loads(CALLS))
    assert source[source.index("    def forward") : source.index("\n\nif __name__")] == (
        """\
    def forward(self, data: Tensor) -> Tensor:
        steps, (h, c) = self.lstm(data)
        seq, last = self.gru(steps, h)
        x, _ = self.next(seq, (last, c))
        x = self.fc(self.drop(x))
        _, (state, _) = self.end(x)
        return state.reshape(-1, 3)
"""
    )


@pytest.mark.parametrize("steps", [1, 6])
def test_the_last_step_of_a_sequence_of_any_length(steps: int) -> None:
    """As GRU's page shows it."""
    graph = netspec.loads(
        """
netspec: 1
name: Net
inputs: {data: [N, T, 4]}
layers:
  - {name: gru, type: GRU, num_output: 8, top: [steps, state]}
  - {name: last, type: Reshape, shape: [-1, 8], bottom: state}
outputs: [steps, last]
"""
    )
    assert str(graph.outputs["last"]) == "N×8"
    found = to_torch(graph)(torch.randn(3, steps, 4))
    assert torch.equal(found["last"], found["steps"][:, -1])


def test_a_module_without_its_constructor_has_its_weights() -> None:
    """A module that is built to be loaded over is like any other: it moves, it computes, it is
    copied, and its parameters are the ones that it computes with.
    """
    graph = recurrent(LSTM(num_output=3, num_layers=2), N, H, 4)
    weights = weights_at_random(graph)
    one, other = to_torch(graph, weights=weights), to_torch(graph, weights=weights)
    module = next(each for each in one.modules() if isinstance(each, nn.LSTM))
    assert all(a is b for a, b in zip(module._flat_weights, module.parameters(), strict=True))
    x = torch.randn(2, 5, 4)
    before = other(x)["top0"]
    with torch.no_grad():
        for parameter in one.parameters():
            parameter.zero_()
    assert not one(x)["top0"].any()
    assert torch.equal(other(x)["top0"], before)


@pytest.mark.parametrize(
    ("layer", "macs", "flops"),
    [
        (LSTM(num_output=5), 4 * 5 * (3 + 5), 5 * (4 * 3 + 18)),
        (LSTM(num_output=5, bias_term=False), 4 * 5 * (3 + 5), 5 * (4 + 18)),
        (GRU(num_output=5, num_layers=2), 3 * 5 * (3 + 5 + 10), 2 * 5 * (3 * 3 + 14)),
        (RNN(num_output=5, bidirectional=True), 2 * 5 * (3 + 5), 2 * 5 * (3 + 1)),
        (
            GRU(num_output=5, num_layers=2, bidirectional=True),
            2 * 3 * 5 * (3 + 5 + 10 + 5),
            4 * 5 * (3 * 3 + 14),
        ),
    ],
)
def test_costs(layer: Recurrent, macs: int, flops: int) -> None:
    """A step of an item; the sequence's T times as much, of the batch an item."""
    (node,) = recurrent(layer, N, H, 3).nodes
    assert str(node.macs) == f"{macs}*H"
    assert str(node.flops) == f"{2 * macs + flops}*H"
    width = layer.directions * 5
    states = layer.states * layer.num_layers * layer.directions * 5
    assert str(node.activations) == f"{width}*H + {states}"


def test_shapes() -> None:
    layer = LSTM(num_output=5, num_layers=3, bidirectional=True)
    bottoms = types((N, H, 4))
    assert [str(type) for type in layer.outputs(bottoms)] == ["N×H×10"]
    assert [str(type) for type in layer.outputs_for(bottoms, 2)] == ["N×H×10", "6×N×5"]
    assert [str(type) for type in layer.outputs_for(bottoms, 3)] == ["N×H×10", "6×N×5", "6×N×5"]


@pytest.mark.parametrize(
    ("layer", "shapes", "bottom", "message", "help"),
    [
        (
            LSTM(num_output=5),
            [(N, 3, 8, 8)],
            0,
            "LSTM needs a sequence, N×T×C, but reads N×3×8×8",
            None,
        ),
        (
            GRU(num_output=5),
            [(N, 8)],
            0,
            "GRU needs a sequence, N×T×C, but reads N×8",
            "`Reshape` with `shape: [0, 1, -1]` makes a sequence of one step",
        ),
        (
            RNN(num_output=5),
            [(N, 8, H)],
            0,
            "RNN needs to know the size of a step, which is H here",
            "give the network's input a fixed size, or pool to a known size before "
            "(`Pooling` with `output_size` or `global_pooling`)",
        ),
        (
            LSTM(num_output=5),
            [(N, H, 8), (1, N, 5)],
            1,
            "LSTM reads a sequence, and its initial states or none, but has 2 bottoms",
            "name both states behind the sequence: `bottom: [x, h, c]`",
        ),
        (
            LSTM(num_output=5),
            [(H, N, 8), (H, N)],
            1,
            "LSTM reads a sequence, and its initial states or none, but has 2 bottoms",
            CONT,
        ),
        (
            GRU(num_output=5, num_layers=2),
            [(N, H, 8), (1, N, 5)],
            1,
            "GRU's state must be num_layers · directions×N×num_output, here 2×N×5, but {1} is "
            "1×N×5",
            None,
        ),
        (
            RNN(num_output=5),
            [(N, H, 8), (N, H)],
            1,
            "RNN's state must be num_layers · directions×N×num_output, here 1×N×5, but {1} is N×H",
            CONT,
        ),
        (
            LSTM(num_output=5, dropout_ratio=0.5),
            [(N, H, 8)],
            None,
            "LSTM drops elements between its layers, but has only one",
            "a `Dropout` behind it drops elements of what it gives",
        ),
    ],
)
def test_refusals(
    layer: Recurrent,
    shapes: list[tuple[Size, ...]],
    bottom: int | None,
    message: str,
    help: str | None,
) -> None:
    found: LayerError = refusal(layer, *shapes)
    assert (found.bottom, found.message, found.help) == (bottom, message, help)


def test_too_many_layers() -> None:
    text = FILLED.replace("num_layers: $deep", f"num_layers: {MAX_LAYERS + 1}")
    with pytest.raises(netspec.SpecError, match=f"less than or equal to {MAX_LAYERS}|at most"):
        netspec.loads(text)


@pytest.mark.parametrize("field", ["weight_filler", "bias_filler"])
def test_no_bilinear_filler(field: str) -> None:
    fields: dict[str, Any] = {field: Filler(type="bilinear")}
    found = refusal(LSTM(num_output=6, **fields), (N, H, 3))
    assert (found.code, found.field) == ("bad-value", field)


@pytest.mark.parametrize(
    ("field", "help"),
    [
        ("hidden_size: 5", "netspec calls it `num_output`"),
        ("cont: marks", "each item of the batch is a sequence that begins with its first step"),
        ("expose_hidden: true", "initial ones are further bottoms, final ones further tops"),
        ("batch_first: true", "a sequence is N×T×C"),
        ("proj_size: 3", "`InnerProduct` with `axis: -1` projects the sequence"),
    ],
)
def test_foreign_fields(field: str, help: str) -> None:
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads(
            "netspec: 1\nname: Net\ninputs: {data: [N, T, 4]}\n"
            f"layers: [{{type: LSTM, num_output: 3, {field}}}]\n"
        )
    assert any(help in (each.help or "") for each in caught.value.diagnostics)


@pytest.mark.parametrize("shape", ["[N, 0, 4]", "[N, T, 0]", "[0, T, 4]"])
def test_sequences_of_nothing(shape: str) -> None:
    """ONNX Runtime's operators aren't to be given such."""
    with pytest.raises(netspec.SpecError):
        netspec.loads(
            f"netspec: 1\nname: Net\ninputs: {{data: {shape}}}\n"
            "layers: [{type: LSTM, num_output: 3}]\n"
        )


def test_a_sequence_that_may_have_no_step_is_none() -> None:
    text = """
netspec: 1
name: Net
inputs: {data: [N, T, 4]}
layers:
  - {name: cut, type: Slice, axis: 1, slice_point: [3], top: [head, tail]}
  - {name: lstm, type: LSTM, num_output: 3, bottom: tail}
outputs: [head, lstm]
"""
    with pytest.raises(netspec.SpecError, match="leaves nothing of the T elements"):
        netspec.loads(text)
