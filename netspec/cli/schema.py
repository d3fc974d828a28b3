"""`netspec schema`."""

import json
from typing import Annotated

import typer


def schema(
    recipe: Annotated[bool, typer.Option("--recipe", help="That of recipes.")] = False,
) -> None:
    """Print the JSON Schema of specs, for editors."""
    from netspec.language.schema import spec_schema
    from netspec.layers import CATALOGUE
    from netspec.plugins import installed
    from netspec.recipes.schema import recipe_schema

    made = recipe_schema() if recipe else spec_schema({**CATALOGUE, **installed()[0]})
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))
