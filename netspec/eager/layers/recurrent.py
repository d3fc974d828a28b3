"""Recurrent layers, as PyTorch computes them step by step.

For an LSTM that oneDNN or cuDNN computes whole, it depends on the processor what is kept: their
own space instead of the gates.
"""

from collections.abc import Iterator

from netspec.eager.casting import lower
from netspec.eager.matrices import linear
from netspec.eager.pointwise import dropout
from netspec.eager.reductions import cat, stack
from netspec.eager.registry import Use, runs
from netspec.eager.tensor import Sizes, Step, Storage, Tensor, made, promoted
from netspec.eager.views import select, transpose
from netspec.graph.sizes import Size
from netspec.layers.recurrent import GRU, LSTM, RNN, Recurrent

STEPS: dict[type[Recurrent], tuple[int, int]] = {LSTM: (4, 1), GRU: (5, 1), RNN: (1, 0)}
"""How many numbers a step keeps for each element of its state: the gates and what is made of them,
in the type of the products; what is made with the state, in the type of that. An RNN keeps the
state.
"""
CARRIED: dict[type[Recurrent], int] = {LSTM: 1, GRU: 0, RNN: 0}
"""How many more it keeps for the step behind it: an LSTM the cell."""


@runs(LSTM, GRU, RNN)
def recurrent(layer: Recurrent, use: Use) -> list[Tensor]:
    x = transpose(use.x, 0, 1)
    states = _states(layer, use)
    ends: list[Tensor] = []
    for number in range(layer.num_layers):
        ways = [end for level, end in layer.parts() if level == number]
        made_by = [_direction(layer, use, x, states, end) for end in ways]
        ends += made_by
        x = cat(made_by, -1) if len(made_by) > 1 else made_by[0]
        if number + 1 < layer.num_layers:
            x = dropout(x, layer.dropout_ratio)
    last = [stack([select(each, 0) for each in ends]) for _ in use.gives[1:]]
    return [transpose(x, 0, 1), *last]


def _states(layer: Recurrent, use: Use) -> list[Tensor]:
    """The initial states, zeros unless they are given."""
    if len(use.bottoms) > 1:
        return [*use.bottoms[1:]]
    count = layer.num_layers * layer.directions
    shape = (count, use.x.shape[0], layer.num_output)
    return [use.tape.new(shape, use.x.dtype) for _ in range(layer.states)]


def _direction(layer: Recurrent, use: Use, x: Tensor, states: list[Tensor], end: str) -> Tensor:
    """The states at all steps, T x N x num_output, of one layer in one direction."""
    states = [select(each, 0) for each in states]
    matrix = lower(use.held(f"weight_hh_{end}"))
    biases = [use.weight(f"bias_{name}_{end}") for name in ("ih", "hh")]
    gates = linear(x, use.held(f"weight_ih_{end}"), biases[0])
    behind = biases[1] and lower(biases[1])
    of = [each for each in (gates, matrix, behind, *states) if each is not None]
    shape = (*x.shape[:2], layer.num_output)
    # An RNN's state is what a product gives; others mix it with the last one.
    dtype = gates.dtype if isinstance(layer, RNN) else promoted(gates, states[-1])
    found = made(of, shape, dtype=dtype)
    if found.step is not None:
        kept = _kept(layer, use, gates, dtype, shape, states, matrix)
        step = Step(use.tape, shape, dtype, [*kept], found.step.behind)
        found.step = Step(use.tape, shape, dtype, (), [step], "view")
    return found


def _kept(
    layer: Recurrent,
    use: Use,
    gates: Tensor,
    dtype: str,
    shape: Sizes,
    states: list[Tensor],
    matrix: Tensor,
) -> Iterator[Storage]:
    steps, batch, size = shape

    def piece(dtype: str, *sizes: Size) -> Storage:
        return use.tape.new(sizes, dtype).storage

    of_gates, of_states = STEPS[type(layer)]
    yield piece(gates.dtype, of_gates, steps, batch, size)
    yield piece(dtype, of_states, steps, batch, size)
    if matrix.needs_gradient:
        # The products read the states in their own type.
        yield lower(states[0]).storage
        if not isinstance(layer, RNN):
            yield piece(gates.dtype, steps - 1, batch, size)
    if steps != 1 or states[0].needs_gradient:
        yield matrix.storage
    yield from (each.storage for each in states[1:])
    yield piece(dtype, CARRIED[type(layer)], steps - 1, batch, size)
