"""A walk over the catalogue: every layer keeps every promise, in both back ends.

Each has a recipe of hyper-parameters and shapes. What is predicted of a use of it (shapes,
parameters, multiply-accumulates) is what PyTorch makes, ONNX Runtime computes the same numbers, and
training gives finite gradients.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import Phase as Explore
from hypothesis import strategies as st

from netspec import SpecError, loads
from netspec.graph import Graph, Phase
from netspec.layers import CATALOGUE, Layer
from netspec.layers.page import page
from netspec.lower.onnx.layers.catalogue import LOWERINGS, REFUSED
from netspec.lower.torch import to_torch
from netspec.lower.torch.layers.catalogue import lowered_layers
from tests.agreement import check_agreement, weights_at_random
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import VALUES, Fields, Recipe, Sizes, Use
from tests.layers.recipes.text import spec_text, values

QUICK = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Explore.generate, Explore.shrink),
    suppress_health_check=list(HealthCheck),
)
THOROUGH = settings(QUICK, max_examples=100)

every_layer = pytest.mark.parametrize("name", CATALOGUE)


@every_layer
def test_a_layer_is_whole(name: str) -> None:
    """Its page, its rules, its lowerings and its recipe are there."""
    layer = CATALOGUE[name]
    assert layer.__doc__
    assert layer.family
    assert layer.source
    assert layer.shape_rule
    assert layer.flops_rule
    assert page(layer)
    assert layer.outputs is not Layer.outputs or layer.outputs_for is not Layer.outputs_for
    assert layer.work is not Layer.work
    assert (layer.weights is Layer.weights) == (layer.weights_rule == "none")
    assert layer in lowered_layers()
    assert layer in LOWERINGS or REFUSED.get(layer)
    assert isinstance(RECIPES[name], Recipe)


def test_no_recipe_is_left_over() -> None:
    assert RECIPES.keys() == CATALOGUE.keys()


@every_layer
def test_the_grid(name: str) -> None:
    """One field after the other."""
    uses = [*grid(RECIPES[name], whole=False)]
    for use in uses:
        check_use(name, RECIPES[name].on, use)


@pytest.mark.slow
@every_layer
def test_the_whole_grid(name: str) -> None:
    """All fields with all others; combinations that the layer refuses are left out."""
    for use in grid(RECIPES[name], whole=True):
        check_use(name, RECIPES[name].on, use, may_refuse=True)


@every_layer
@QUICK
@given(st.data())
def test_drawn(name: str, data: st.DataObject) -> None:
    check_drawn(name, data)


@pytest.mark.slow
@every_layer
@THOROUGH
@given(st.data())
def test_drawn_often(name: str, data: st.DataObject) -> None:
    check_drawn(name, data)


def check_drawn(name: str, data: st.DataObject) -> None:
    check_use(name, *data.draw(_uses(RECIPES[name])))


@st.composite
def _uses(draw: st.DrawFn, recipe: Recipe) -> tuple[Sizes, Use]:
    shape = draw(recipe.shapes)
    return shape, recipe.plan(draw, shape)


def grid(recipe: Recipe, whole: bool) -> Iterator[Use]:
    """The recipe's grid: every combination, or every value once beside the first ones."""
    columns = {name: list(values) for name, values in recipe.grid.items()}
    rows: Iterator[tuple[Any, ...]] = product(*columns.values())
    if not whole:
        first = [values[0] for values in columns.values()]
        rows = iter(
            [tuple(first)]
            + [
                (*first[:place], value, *first[place + 1 :])
                for place, values in enumerate(columns.values())
                for value in values[1:]
            ]
        )
    for row in rows:
        given = {n: v for n, v in zip(columns, row, strict=True) if v is not None}
        defaults = {n: values[0] for n, values in columns.items()}
        changed: Fields = {n: v for n, v in given.items() if v != defaults[n] or n in recipe.base}
        yield Use(recipe.base | changed, recipe.further, recipe.tops, recipe.pooled)


def check_use(name: str, shape: Sizes, use: Use, may_refuse: bool = False) -> None:
    """A use of a layer keeps all promises."""
    text, inputs = spec_text(name, shape, use)
    try:
        network = loads(text)
    except SpecError as error:
        if may_refuse:
            return
        raise AssertionError(f"{text}\n{error}") from None
    arrays = {key: values(key, each) for key, each in inputs.items()}
    try:
        check_agreement(network, arrays, VALUES, counted=not RECIPES[name].counted)
        if not RECIPES[name].no_gradient:
            check_gradients(network, arrays)
    except Exception as error:
        error.add_note(text)
        raise


def check_gradients(graph: Graph, inputs: dict[str, Any]) -> None:
    """In training, every weight and the first input get finite gradients."""
    model = to_torch(graph)
    weights = weights_at_random(graph)
    model.load_state_dict({name: torch.from_numpy(weights[name].copy()) for name in weights})
    view = graph.phase(Phase.TRAIN)
    tensors = {blob.name: torch.from_numpy(inputs[blob.name].copy()) for blob in view.inputs}
    data = tensors["data"]
    if data.is_floating_point():
        data.requires_grad_()
    given = model.train()(**tensors)
    tops = list(given.values()) if isinstance(given, dict) else [given]
    real = [top for top in tops if top.is_floating_point()]
    torch.stack([top.square().sum() for top in real]).sum().backward()
    leaves = {"data": data, **dict(model.named_parameters())}
    for name, leaf in leaves.items():
        if leaf.requires_grad:
            assert leaf.grad is not None, name
            assert leaf.grad.isfinite().all(), name
