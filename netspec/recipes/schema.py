"""The JSON Schema of recipes, by which editors complete and check them."""

from typing import Any

from netspec.recipes.model import Recipe

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def recipe_schema() -> dict[str, Any]:
    """The schema of a recipe, by its model alone; what its keys mean to each other isn't in it."""
    made = _plain(Recipe.model_json_schema())
    made.pop("description", None)
    return {"$schema": DIALECT, "title": "netspec recipe", **made}


def _plain(value: Any) -> Any:
    """Without the titles that repeat names, and without None, which no recipe says."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: each for name, each in value.items() if not _idle(name, each)}
    choices = kept.pop("anyOf", None)
    if choices is not None:
        (choice,) = (each for each in choices if each.get("type") != "null")
        kept |= choice
    return {name: _plain(each) for name, each in kept.items()}


def _idle(name: str, value: Any) -> bool:
    if name == "title":
        return isinstance(value, str)
    return name == "default" and value in (None, [], {})
