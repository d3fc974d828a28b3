"""Every layer of the catalogue becomes one of Caffe's, or there is a reason why not."""

import pytest

from netspec import loads
from netspec.layers import CATALOGUE
from netspec.lower.prototxt.layers.catalogue import pieces_of
from netspec.lower.prototxt.registry import REFUSED, WRITINGS, refuses, writes
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import VALUES
from tests.layers.recipes.text import spec_text
from tests.layers.test_walk import grid
from tests.lower.prototxt.checks import prototxt_or_refused


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_layer_has_a_way_or_a_reason(name: str) -> None:
    layer = CATALOGUE[name]
    assert (layer in WRITINGS) != (layer in REFUSED)


@pytest.mark.parametrize("name", [name for name in CATALOGUE if CATALOGUE[name] in WRITINGS])
def test_every_use_is_valid_or_refused(name: str) -> None:
    """What is written, protobuf reads as Caffe's own messages; some uses of each layer are."""
    recipe = RECIPES[name]
    written = 0
    for use in grid(recipe, whole=False):
        text, _ = spec_text(name, recipe.on, use)
        fixed = {key: shape_of(key, text) for key in ("data",)}
        network = loads(text, inputs={k: v for k, v in fixed.items() if v})
        written += prototxt_or_refused(network) is not None
    assert written


def shape_of(name: str, text: str) -> list[int] | None:
    """An input's shape with numbers for all symbols."""
    network = loads(text)
    for blob in network.inputs:
        if blob.name == name:
            return [VALUES.get(str(size), size) for size in blob.shape]  # type: ignore[misc]
    return None


def test_a_layer_has_one_way() -> None:
    relu = CATALOGUE["ReLU"]
    with pytest.raises(ValueError, match="ReLU has two ways to Caffe"):
        refuses(relu, reason="no")
    with pytest.raises(ValueError, match="GELU has two ways to Caffe"):
        writes(CATALOGUE["GELU"])(pieces_of)  # type: ignore[arg-type]
