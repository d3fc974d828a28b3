"""All recipes, by the type of the layer."""

from tests.layers.recipes import (
    activation,
    arithmetic,
    losses,
    normalization,
    pooling,
    shape,
    weights,
)
from tests.layers.recipes.recipe import Recipe

RECIPES: dict[str, Recipe] = {
    **weights.RECIPES,
    **pooling.RECIPES,
    **normalization.RECIPES,
    **activation.RECIPES,
    **arithmetic.RECIPES,
    **shape.RECIPES,
    **losses.RECIPES,
}
