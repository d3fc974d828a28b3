"""What the layers of the catalogue state of their work."""

from collections.abc import Iterator

import pytest

from netspec import SpecError, loads
from netspec.graph import Work
from netspec.graph.work import Unit
from netspec.layers import CATALOGUE
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.text import spec_text
from tests.layers.test_walk import grid


def works(name: str) -> Iterator[Work]:
    """Of all uses of a layer that its recipe has a grid for."""
    recipe = RECIPES[name]
    for use in grid(recipe, whole=True):
        try:
            network = loads(spec_text(name, recipe.on, use)[0])
        except SpecError:  # fields that don't go together
            continue
        yield next(node.work for node in network.nodes if node.type == name)


@pytest.mark.parametrize("name", CATALOGUE)
def test_layers_that_multiply_say_how_they_count(name: str) -> None:
    layer = CATALOGUE[name]
    found = [*works(name)]
    assert found
    assert layer.flops_rule
    multiply = [any(kind.unit is Unit.MULTIPLY_ADD for kind in work) for work in found]
    assert set(multiply) == {layer.macs_rule != "none"}
    if layer.flops_rule.startswith("none"):
        assert not any(found)
