"""Recurrent layers: PyTorch's own, which give their sequence and their final states."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.recurrent import GRU, LSTM, RNN, Recurrent
from netspec.lower.torch.code import Argument, Brackets, Call, Expr, Literal, Name, Subscript, call
from netspec.lower.torch.registry import Lowered, lowers


@lowers(LSTM)
def lstm(layer: LSTM, node: Node) -> Lowered:
    return _recurrent("nn.LSTM", layer, node)


@lowers(GRU)
def gru(layer: GRU, node: Node) -> Lowered:
    return _recurrent("nn.GRU", layer, node)


@lowers(RNN)
def rnn(layer: RNN, node: Node) -> Lowered:
    function = Literal(layer.nonlinearity.lower(), "nonlinearity", "tanh")
    return _recurrent("nn.RNN", layer, node, nonlinearity=function)


def _recurrent(name: str, layer: Recurrent, node: Node, **more: Literal) -> Lowered:
    known = layer.weight_filler is None and layer.bias_filler is None
    # The names of what is filled otherwise depend on these.
    layers = layer.num_layers if known else int(layer.num_layers)
    bias = layer.bias_term if known else bool(layer.bias_term)
    size = node.bottoms[0].shape[2]
    assert isinstance(size, int)
    module = call(
        name,
        Literal(size, "input_size"),
        Literal(layer.num_output, "hidden_size"),
        num_layers=Literal(layers, "num_layers", 1),
        **more,
        bias=Literal(bias, "bias", True),
        batch_first=Name("True"),
        dropout=Literal(layer.dropout_ratio, "dropout", 0.0),
        bidirectional=Literal(layer.bidirectional, "bidirectional", False),
    )
    asked = {"weight": layer.weight_filler, "bias": layer.bias_filler}
    filled = {
        suffix: parameter.filler
        for parameter in node.parameters
        for suffix in [parameter.name.removeprefix(f"{node.module}.")]
        if asked[suffix.partition("_")[0]] is None
    }

    def applied(module: Name, operands: Sequence[Expr]) -> Expr:
        sequence, *states = operands
        given = [sequence, Brackets("()", tuple(states))] if len(states) > 1 else operands
        result = Call(module, tuple(map(Argument, given)))
        return result if len(node.tops) > 1 else Subscript(result, ("0",))

    def unpacked(tops: Sequence[str]) -> tuple[str, ...]:
        states = [*tops[1:], *["_"] * layer.states][: layer.states]
        if len(tops) == 1:
            return tops[0], "_"
        return tops[0], f"({', '.join(states)})" if layer.states > 1 else states[0]

    return Lowered(
        module,
        applied=applied,
        unpacked=unpacked,
        filled=filled,
        biasless=True,
        one_by_one=True,
    )
