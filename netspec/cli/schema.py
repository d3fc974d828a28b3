"""`netspec schema`."""

import json

import typer


def schema() -> None:
    """Print the JSON Schema of specs, for editors."""
    from netspec.language.schema import spec_schema
    from netspec.layers import CATALOGUE
    from netspec.plugins import installed

    layers = {**CATALOGUE, **installed()[0]}
    typer.echo(json.dumps(spec_schema(layers), indent=2, ensure_ascii=False))
