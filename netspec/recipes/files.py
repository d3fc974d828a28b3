"""Recipes in files."""

from pathlib import Path

from netspec.diagnostics import Diagnostics, SourceText
from netspec.diagnostics.warning import warn
from netspec.recipes.reading import RecipeText, placed_recipe
from netspec.recipes.stock import recipe_text


def read_recipe_file(asked: str | Path) -> RecipeText:
    """The recipe in a file, or the stock recipe of that name (`recipe_text`); what it warns of is
    warned of here.

    SpecError with all that is wrong with it, or where it can't be read.
    """
    return recipe_in(recipe_text(asked))


def read_used_recipe(path: Path) -> RecipeText:
    """The recipe of a run; what it warns of was said as the run began."""
    return placed_recipe(recipe_text(path), Diagnostics())


def recipe_in(text: SourceText) -> RecipeText:
    """The recipe in a text; what it warns of is warned of here."""
    diagnostics = Diagnostics()
    made = placed_recipe(text, diagnostics)
    for each in diagnostics.sorted():
        warn(each)
    return made
