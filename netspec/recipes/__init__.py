"""How a network is trained, as a file says it: the recipe beside a spec."""

from netspec.recipes.model import Recipe as Recipe
from netspec.recipes.rates import learning_rate as learning_rate
from netspec.recipes.reading import RecipeText as RecipeText
from netspec.recipes.reading import placed_recipe as placed_recipe
from netspec.recipes.reading import read_recipe as read_recipe
from netspec.recipes.reading import recipe_from as recipe_from
from netspec.recipes.writing import to_yaml as to_yaml
