"""LSTM, GRU, RNN."""

from typing import Any

from hypothesis import strategies as st

from netspec.graph import Size
from netspec.graph.sizes import symbol
from tests.layers.recipes.recipe import Draw, Fields, Input, Plan, Recipe, Sizes, Use, numbers, some
from tests.layers.recipes.shapes import SEQUENCES
from tests.layers.recipes.weights import FILLERS

N, H = symbol("N"), symbol("H")


def _plan(states: int, **more: st.SearchStrategy[Any]) -> Plan:
    def plan(draw: Draw, shape: Sizes) -> Use:
        fields: Fields = {"num_output": draw(st.integers(1, 5))}
        fields |= some(
            draw,
            num_layers=st.integers(1, 3),
            bidirectional=st.booleans(),
            bias_term=st.booleans(),
            weight_filler=FILLERS,
            bias_filler=st.just({"type": "constant", "value": 0.5}),
            **more,
        )
        if fields.get("num_layers", 1) > 1:
            fields |= some(draw, dropout_ratio=numbers(0.1, 0.5))
        further = (_state(shape[0], fields),) * states if draw(st.booleans()) else ()
        return Use(fields, further, draw(st.integers(0, 1 + states)))

    return plan


def _state(batch: Size, fields: Fields) -> Input:
    directions = 2 if fields.get("bidirectional") else 1
    return Input((fields.get("num_layers", 1) * directions, batch, fields["num_output"]))


def _recipe(states: int, on: Sizes, **more: Any) -> Recipe:
    grid = {
        "num_layers": [1, 2],
        "bidirectional": [False, True],
        "bias_term": [True, False],
    }
    values = {name: st.sampled_from(each) for name, each in more.items()}
    return Recipe(
        _plan(states, **values),
        SEQUENCES,
        more | grid,
        on,
        {"num_output": 4},
        tops=1 + states,
    )


RECIPES = {
    "LSTM": _recipe(2, (N, H, 3)),
    "GRU": _recipe(1, (N, H, 3)),
    # Few steps: what isn't squashed grows from each to the next.
    "RNN": _recipe(1, (N, 3, 3), nonlinearity=["TANH", "RELU"]),
}
