"""Recipes in files."""

from pathlib import Path

from netspec.diagnostics import Diagnostics
from netspec.diagnostics.warning import warn
from netspec.recipes.reading import RecipeText, placed_recipe
from netspec.recipes.stock import recipe_text


def read_recipe_file(asked: str | Path) -> RecipeText:
    """The recipe in a file, or the stock recipe of that name (`recipe_text`); what it warns of is
    warned of here.

    SpecError with all that is wrong with it, or where it can't be read.
    """
    diagnostics = Diagnostics()
    made = placed_recipe(recipe_text(asked), diagnostics)
    for each in diagnostics.sorted():
        warn(each)
    return made
