"""Recurrent layers: an operator for each layer, on sequences whose first axis is time.

The initializers are PyTorch's parameters; ONNX wants their blocks of rows in another order.
"""

from collections.abc import Sequence
from typing import Any

from netspec.graph import Size, TensorType
from netspec.layers.recurrent import GRU, LSTM, RNN, Recurrent
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers


@lowers(LSTM)
def lstm(layer: LSTM, to: Emitter) -> None:
    _write(layer, to, [0, 3, 1, 2])


@lowers(GRU)
def gru(layer: GRU, to: Emitter) -> None:
    _write(layer, to, [1, 0, 2], linear_before_reset=1)


@lowers(RNN)
def rnn(layer: RNN, to: Emitter) -> None:
    rectified = {"activations": ["Relu"] * layer.directions}
    _write(layer, to, [0], **(rectified if layer.nonlinearity == "RELU" else {}))


def _write(layer: Recurrent, to: Emitter, order: Sequence[int], **attributes: Any) -> None:
    """The layers one behind the other; `order` is that of ONNX's blocks among PyTorch's."""
    batch, steps, size = to.node.bottoms[0].shape
    if layer.bidirectional:
        attributes["direction"] = "bidirectional"
    value = to.step(
        "steps", "Transpose", [to.bottoms[0]], _type(to, steps, batch, size), perm=[1, 0, 2]
    )
    begun = [_initial(layer, to, number) for number in range(1, len(to.bottoms))]
    ended: list[list[str]] = []
    for number in range(layer.num_layers):
        inputs = [value, *_weights(layer, to, number, order)]
        if begun:
            inputs += [""] * (5 - len(inputs)) + [states[number] for states in begun]
        value, *states = to.steps(
            [f"l{number}", *(f"l{number}/{name}" for name in ("h", "c")[: len(to.node.tops) - 1])],
            layer.type_name,
            inputs,
            [
                _type(to, steps, layer.directions, batch, layer.num_output),
                *[_type(to, layer.directions, batch, layer.num_output)] * (len(to.node.tops) - 1),
            ],
            hidden_size=layer.num_output,
            **attributes,
        )
        ended.append(states)
        if number < layer.num_layers - 1:
            value = _side_by_side(layer, to, f"l{number}", value, (steps, batch))
    turned = _type(to, batch, steps, layer.directions, layer.num_output)
    value = to.step("items", "Transpose", [value], turned, perm=[2, 0, 1, 3])
    to.top("Reshape", [value, _width(layer, to)])
    for number, states in enumerate(map(list, zip(*ended, strict=True)), 1):
        to.further_top(number, "Concat", states, axis=0)


def _type(to: Emitter, *sizes: Size) -> TensorType:
    return to.node.bottoms[0].type.with_shape(*sizes)


def _width(layer: Recurrent, to: Emitter) -> str:
    """The shape in which a step's directions are one behind the other."""
    return to.constant("shape", [0, 0, layer.directions * layer.num_output])


def _side_by_side(
    layer: Recurrent, to: Emitter, label: str, value: str, sizes: tuple[Size, Size]
) -> str:
    """What the next layer reads of what a layer gives, T×directions×N×H."""
    steps, batch = sizes
    turned = _type(to, steps, batch, layer.directions, layer.num_output)
    value = to.step(f"{label}/turned", "Transpose", [value], turned, perm=[0, 2, 1, 3])
    joined = _type(to, steps, batch, layer.directions * layer.num_output)
    return to.step(f"{label}/steps", "Reshape", [value, _width(layer, to)], joined)


def _initial(layer: Recurrent, to: Emitter, number: int) -> list[str]:
    """Each layer's part of the initial states that a bottom holds."""
    if layer.num_layers == 1:
        return [to.bottoms[number]]
    label = ("h", "c")[number - 1]
    part = _type(to, layer.directions, to.node.bottoms[0].shape[0], layer.num_output)
    sizes = to.constant(f"{label}/split", [layer.directions] * layer.num_layers)
    labels = [f"{label}/l{layer}" for layer in range(layer.num_layers)]
    return to.steps(labels, "Split", [to.bottoms[number], sizes], [part] * layer.num_layers, axis=0)


def _weights(layer: Recurrent, to: Emitter, number: int, order: Sequence[int]) -> list[str]:
    """What an operator holds: matrices for the steps and for the state, and biases if any."""
    ends = [end for each, end in layer.parts() if each == number]
    rows, label = layer.gates * layer.num_output, f"l{number}"
    inputs = layer.inputs([to.node.bottoms[0].type], number)
    matrices = {"weight_ih": inputs, "weight_hh": layer.num_output}
    found = [
        _arranged(
            layer, to, f"{label}/{kind}", [f"{kind}_{end}" for end in ends], order, rows, size
        )
        for kind, size in matrices.items()
    ]
    if layer.bias_term:
        biases = [f"{kind}_{end}" for end in ends for kind in ("bias_ih", "bias_hh")]
        found.append(_arranged(layer, to, f"{label}/bias", biases, order, 2 * rows))
    return found


def _arranged(
    layer: Recurrent,
    to: Emitter,
    label: str,
    suffixes: Sequence[str],
    order: Sequence[int],
    *sizes: int,
) -> str:
    """Parameters one behind the other, their blocks of rows in ONNX's order, for each direction."""
    columns, blocks = sizes[1:], len(suffixes) * layer.gates
    names = [to.weight(suffix) for suffix in suffixes]
    value = names[0]
    if len(names) > 1:
        whole = _type(to, blocks * layer.num_output, *columns)
        value = to.step(f"{label}/whole", "Concat", names, whole, axis=0)
    if len(order) > 1:
        cut = [blocks, layer.num_output, *columns]
        value = to.step(
            f"{label}/blocks",
            "Reshape",
            [value, to.constant(f"{label}/blocks_shape", cut)],
            _type(to, *cut),
        )
        places = [start + place for start in range(0, blocks, layer.gates) for place in order]
        chosen = to.constant(f"{label}/order", places)
        value = to.step(f"{label}/ordered", "Gather", [value, chosen], _type(to, *cut), axis=0)
    shape = [layer.directions, *sizes]
    wanted = to.constant(f"{label}/shape", shape)
    return to.step(label, "Reshape", [value, wanted], _type(to, *shape))
