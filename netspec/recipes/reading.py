"""A recipe's text, or values with places from elsewhere, as a recipe."""

from dataclasses import dataclass

from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, Span, SpecError
from netspec.language.validate import validate
from netspec.language.values import Field, literal_field
from netspec.recipes.checks import problems
from netspec.recipes.model import Recipe
from netspec.source import Mapping, Value, read


@dataclass(frozen=True, slots=True)
class Places:
    """Where a recipe's keys stand; what isn't there, where the recipe begins."""

    fields: dict[str, Field]
    start: Span

    def of(self, key: str) -> Span:
        """The place of a key's value."""
        return self.fields[key].span if key in self.fields else self.start


@dataclass(frozen=True, slots=True)
class RecipeText:
    """A recipe that was read from a text, and where its keys stand in it."""

    recipe: Recipe
    text: SourceText
    places: Places


def read_recipe(source: SourceText) -> Recipe:
    """The recipe that a YAML text is, the `source`; SpecError with all that is wrong with it."""
    diagnostics = Diagnostics()
    made = placed_recipe(source, diagnostics)
    return made.recipe


def placed_recipe(source: SourceText, diagnostics: Diagnostics) -> RecipeText:
    """The recipe that a YAML text is, and where it says what; `diagnostics` gets the warnings.

    SpecError with all that is wrong with it.
    """
    value = read(source, diagnostics)
    made = _recipe(value, diagnostics)
    diagnostics.raise_errors()
    assert made is not None
    return RecipeText(made[0], source, made[1])


def recipe_from(value: Value, diagnostics: Diagnostics) -> Recipe | None:
    """The recipe that values with places are; None where they aren't one. `diagnostics` gets every
    mistake, and warnings of what Caffe does without a word (`solver-trap`).
    """
    made = _recipe(value, diagnostics)
    return made[0] if made is not None else None


def _recipe(value: Value, diagnostics: Diagnostics) -> tuple[Recipe, Places] | None:
    if not isinstance(value, Mapping):
        message = "a recipe is a mapping that begins with `recipe: 1`"
        raise SpecError([Diagnostic("wrong-type", message, value.span)])
    fields = {name: literal_field(value.keys[name], each) for name, each in value.items.items()}
    start = next(iter(value.keys.values())).span if value.keys else value.span
    values = {name: each.compiled for name, each in fields.items()}
    made = validate(Recipe, fields, values, start, diagnostics.add)
    if made is None:
        return None
    places = Places(fields, start)
    _check(made, places, diagnostics)
    return made, places


def _check(recipe: Recipe, places: Places, diagnostics: Diagnostics) -> None:
    for found in problems(recipe):
        place = places.of(found.key)
        if found.trap:
            diagnostics.warning("solver-trap", found.message, place, help=found.help)
        else:
            diagnostics.error(found.code, found.message, place, help=found.help)
