"""All recipes, by the type of the layer."""

from tests.layers.recipes import (
    activation,
    arithmetic,
    attention,
    detection,
    losses,
    normalization,
    pooling,
    recurrent,
    shape,
    weights,
)
from tests.layers.recipes.recipe import Recipe


class Recipes(dict[str, Recipe]):
    """Recipes that say where one is to be written that is missing."""

    def __missing__(self, name: str) -> Recipe:
        raise LookupError(f"write a recipe for {name} in a module of tests/layers/recipes")


RECIPES = Recipes(
    weights.RECIPES
    | pooling.RECIPES
    | recurrent.RECIPES
    | normalization.RECIPES
    | activation.RECIPES
    | attention.RECIPES
    | arithmetic.RECIPES
    | shape.RECIPES
    | detection.RECIPES
    | losses.RECIPES
)
