"""Data that are given in Python: arrays that a run's folder keeps, and a recipe that reads them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from netspec.diagnostics import Diagnostics, SourceText
from netspec.recipes import RecipeText
from netspec.recipes.data import Data
from netspec.recipes.files import recipe_in
from netspec.recipes.reading import placed_recipe
from netspec.recipes.writing import to_yaml

if TYPE_CHECKING:
    import numpy as np

Arrays: TypeAlias = "Mapping[str, np.ndarray[Any, Any]]"

TRAIN, TEST = "train.npz", "test.npz"
"""The files of a folder that keep them."""


def as_arrays(value: Mapping[str, Any] | Iterable[Mapping[str, Any]], name: str) -> Arrays:
    """Arrays by their names, an item in each row, of such arrays or of items one by one.

    TypeError and ValueError in the words of the caller, who calls them `name`.
    """
    import numpy as np

    columns = value if isinstance(value, Mapping) else _columns(value, name)
    found = {}
    for key, column in columns.items():
        try:
            found[key] = np.asarray(column)
        except ValueError as error:
            raise ValueError(f"`{name}`: the items of {key!r} differ in size") from error
        if found[key].dtype.kind not in "biuf" or not found[key].ndim:
            raise TypeError(f"`{name}`: {key!r} should be an array of numbers, an item in each row")
    return found


def _columns(items: Iterable[Any], name: str) -> dict[str, list[Any]]:
    import numpy as np

    columns: dict[str, list[Any]] = {}
    for number, item in enumerate(items):
        if not isinstance(item, Mapping):
            kind = type(item).__name__
            raise TypeError(
                f"`{name}[{number}]` should be a mapping of names to arrays, not {kind}"
            )
        if number and item.keys() != columns.keys():
            raise ValueError(f"`{name}[{number}]` should have {[*columns]}, not {[*item]}")
        for key, value in item.items():
            columns.setdefault(key, []).append(np.asarray(value))
    return columns


def reading_arrays(text: SourceText, tests: bool) -> RecipeText:
    """The recipe in a text, to train with what a folder keeps, whatever data it has; what it warns
    of is warned of here.

    SpecError with all that is wrong with it, or where it makes of its data what can't be made of
    arrays.
    """
    recipe = placed_recipe(text, Diagnostics()).recipe
    shuffle = recipe.data.shuffle if recipe.data is not None else True
    data = Data(format="npz", train=TRAIN, test=TEST if tests else None, shuffle=shuffle)
    written = to_yaml(recipe.model_copy(update={"data": data}))
    return recipe_in(SourceText(text.name, written))


def write_arrays(arrays: Arrays, file: BinaryIO) -> None:
    """Write a NumPy file of arrays."""
    import numpy as np

    named: dict[str, Any] = {**arrays}
    np.savez(file, **named)
