"""A recipe as the YAML that a person would keep."""

from collections.abc import Iterable, Mapping
from typing import Any

from netspec.printable import printable
from netspec.recipes.checks import unread
from netspec.recipes.model import Recipe
from netspec.source.writer import write


def to_yaml(recipe: Recipe, left_out: Iterable[str] = ()) -> str:
    """The text of a recipe, which reads back as the same one; defaults are left out.

    So is what makes no difference: a comment keeps it, as it does each line of `left_out`.
    """
    idle = unread(recipe)
    values = recipe.model_dump()
    text = write(
        {
            name: values[name]
            for name, field in Recipe.model_fields.items()
            if name not in idle and (field.is_required() or values[name] != field.get_default())
        }
    )
    lines = [f"{_line({name: values[name]})}: {why}" for name, why in idle.items()]
    lines = [*lines, *left_out]
    if not lines:
        return text
    told = "".join(f"#   {printable(each)}\n" for each in lines)
    return f"{text}\n# Left out:\n{told}"


def _line(values: Mapping[str, Any]) -> str:
    """A key and its value on a line."""
    return f"`{write(dict(values)).strip()}`"
