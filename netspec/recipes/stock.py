"""The stock recipes: how the stock networks are trained, by those who published them."""

import os
from dataclasses import dataclass
from pathlib import Path

from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, SpecError
from netspec.diagnostics.suggest import did_you_mean
from netspec.language.library import read_file
from netspec.recipes.model import Recipe
from netspec.recipes.reading import placed_recipe
from netspec.resources import recipe_files


@dataclass(frozen=True, slots=True)
class StockRecipe:
    """A stock recipe and its name."""

    name: str
    recipe: Recipe

    def to_json(self) -> dict[str, str | None]:
        return {
            "name": self.name,
            "file": _shown(self.name),
            "net": self.recipe.net,
            "doc": self.recipe.doc,
            "source": self.recipe.source,
        }


def stock_recipes() -> list[StockRecipe]:
    """All stock recipes, by name."""
    return [
        StockRecipe(path.stem, placed_recipe(_read_stock(path), Diagnostics()).recipe)
        for path in recipe_files()
    ]


def recipe_text(asked: str | Path) -> SourceText:
    """The text of a recipe: of a path's file, or where there's neither `/` nor `.yaml` in what is
    asked for, of the stock recipe of that name.

    SpecError where there is none, or it can't be read.
    """
    if isinstance(asked, Path) or "/" in asked or asked.endswith((".yaml", ".yml")):
        return read_file(Path(asked))
    stock = {path.stem: path for path in recipe_files()}
    if asked in stock:
        return _read_stock(stock[asked])
    message = f"there is no stock recipe `{asked}`"
    raise SpecError([Diagnostic("unknown-spec", message, help=_instead(asked, stock))])


def _instead(asked: str, stock: dict[str, Path]) -> str:
    if os.path.exists(asked):
        return f"to read the file, write `./{asked}`"
    return did_you_mean(asked, stock) or "`netspec list --recipes` shows the stock recipes"


def _read_stock(path: Path) -> SourceText:
    return read_file(path, _shown(path.stem))


def _shown(name: str) -> str:
    return f"specs/recipes/{name}.yaml"
