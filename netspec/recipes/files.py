"""Recipes in files."""

from pathlib import Path

from netspec.diagnostics import Diagnostics
from netspec.diagnostics.warning import warn
from netspec.language.library import read_file
from netspec.recipes.reading import RecipeText, placed_recipe


def read_recipe_file(path: Path) -> RecipeText:
    """The recipe in a file; what it warns of is warned of here.

    SpecError with all that is wrong with it, or where it can't be read.
    """
    diagnostics = Diagnostics()
    made = placed_recipe(read_file(path), diagnostics)
    for each in diagnostics.sorted():
        warn(each)
    return made
