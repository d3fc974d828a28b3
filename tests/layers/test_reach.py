"""What layers say that a place of a top sees of a bottom: nothing else has an influence on it.

An element of a bottom is changed, and the tops that change must be among those that see it.
"""

from typing import Any

import pytest
import torch

from netspec import loads
from netspec.graph import Node
from netspec.graph.reach import EVERYTHING, POINTWISE, UNREAD, Along, Part, Reach, Step
from netspec.layers import CATALOGUE
from netspec.layers.base import ElementwiseLayer, Layer
from tests.agreement import weights_at_random
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import at
from tests.layers.recipes.text import spec_text, values
from tests.layers.test_walk import grid

ELEMENTS = 5
"""So many of each bottom are changed."""
TINY = 1e-6


@pytest.mark.parametrize("name", CATALOGUE)
def test_nothing_else_is_seen(name: str) -> None:
    recipe = RECIPES[name]
    if "loss_weight" in CATALOGUE[name].model_fields:
        assert CATALOGUE[name].reach is Layer.reach  # a sum over everything
        return
    torch.manual_seed(0)
    for use in grid(recipe, whole=False):
        text, inputs = spec_text(name, recipe.on, use)
        sizes = {key: [at(size) for size in each.shape] for key, each in inputs.items()}
        net = loads(text, inputs=sizes)
        node = next(node for node in net if node.type == name)
        module = net.to_torch()
        weights = weights_at_random(net)
        module.load_state_dict({key: torch.from_numpy(weights[key].copy()) for key in weights})
        module.eval()
        arrays = {key: torch.from_numpy(values(key, each).copy()) for key, each in inputs.items()}
        for number, blob in enumerate(node.bottoms):
            if blob.name in arrays and arrays[blob.name].is_floating_point():
                for _ in range(ELEMENTS):
                    check_influence(module, node, number, arrays)


def check_influence(module: Any, node: Node, number: int, arrays: dict[str, Any]) -> None:
    """Change an element of a bottom, and see whether what changes sees it."""
    name = node.bottoms[number].name
    place = [int(torch.randint(size, ())) for size in arrays[name].shape]
    changed = arrays[name].clone()
    changed[tuple(place)] += 0.25
    with torch.no_grad():
        before, after = tops(module, arrays), tops(module, {**arrays, name: changed})
    bottoms, types = [blob.type for blob in node.bottoms], [blob.type for blob in node.tops]
    for top, (one, other) in enumerate(zip(before, after, strict=True)):
        if one.shape != other.shape:
            continue  # as many rows as it finds
        reach = node.layer.reach(number, top, bottoms, types)
        # Places between elements are rounded, so that a neighbour may have a tiny share.
        changes = (one.double() - other.double()).abs() > TINY
        for found in changes.nonzero().tolist():
            assert sees(reach, found, place), f"{node.layer}: {found} sees {place}, not {reach}"


def tops(module: Any, arrays: dict[str, Any]) -> list[Any]:
    given = module(**arrays)
    return list(given.values()) if isinstance(given, dict) else [given]


def sees(reach: Reach, top: list[int], bottom: list[int]) -> bool:
    if reach is EVERYTHING:
        return True
    if reach is UNREAD:
        return False
    if reach is POINTWISE:
        return all(one == other for one, other in zip(top, bottom, strict=False))
    assert isinstance(reach, tuple)
    assert len(reach) == len(bottom)
    return all(reaches(step, top, place) for step, place in zip(reach, bottom, strict=True))


def reaches(step: Step, top: list[int], place: int) -> bool:
    match step:
        case Along(axis, windows):
            first, last = windows.at(top[axis])
            return first <= place <= last
        case Part(first, last):
            return first <= place <= last
    return True


def test_a_class_that_says_nothing_sees_everything() -> None:
    relu = CATALOGUE["ReLU"]()
    assert isinstance(relu, ElementwiseLayer)
    assert Layer.reach(relu, 0, 0, (), ()) is EVERYTHING
    assert ElementwiseLayer.reach(relu, 0, 0, (), ()) is POINTWISE
