"""A recipe as the YAML that a person would keep."""

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import Any

from netspec.printable import printable
from netspec.recipes.checks import unread
from netspec.recipes.model import Recipe
from netspec.source.writer import write

WIDTH = 100


def to_yaml(recipe: Recipe, notes: Iterable[str] = ()) -> str:
    """The text of a recipe, which reads back as one that trains the same; defaults are left out.

    So are keys that make no difference: a comment keeps them, as it does each of `notes`.
    """
    values = recipe.model_dump()
    idle = unread(recipe)
    said = recipe.model_dump(exclude_defaults=True)
    written = {name: value for name, value in said.items() if name not in idle}
    told = [*notes, *(f"`{_line({name: values[name]})}`: {why}." for name, why in idle.items())]
    return "".join(_comments(told)) + write(written)


def _line(values: Mapping[str, Any]) -> str:
    """A key and its value on a line."""
    return " ".join(write(dict(values)).split())


def _comments(told: Iterable[str]) -> Iterator[str]:
    for each in told:
        for line in wrap(
            printable(each), WIDTH - 2, break_long_words=False, break_on_hyphens=False
        ):
            yield f"# {line}\n"
