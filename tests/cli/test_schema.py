"""`netspec schema`."""

import json

from jsonschema import Draft202012Validator

from netspec.language.schema import spec_schema
from netspec.layers import CATALOGUE
from netspec.recipes import Recipe
from tests.cli.conftest import Run


def test_it_prints_the_schema_of_specs(run: Run) -> None:
    result = run("schema")
    assert json.loads(result.out) == spec_schema(CATALOGUE)
    assert result.out.startswith(
        '{\n  "$schema": "https://json-schema.org/draft/2020-12/schema",\n  "title": "netspec",\n'
    )
    assert (result.status, result.err) == (0, "")


def test_recipes_have_one_too(run: Run) -> None:
    result = run("schema", "--recipe")
    made = json.loads(result.out)
    Draft202012Validator.check_schema(made)
    check = Draft202012Validator(made)
    good = {"recipe": 1, "data": {"format": "digits"}, "loss": {"fc": {"label": "kind"}}}
    assert check.is_valid(good)
    assert not check.is_valid({**good, "data": {"format": "digit"}})
    assert not check.is_valid({**good, "learning_rate": 0.1})
    assert set(made["properties"]) == set(Recipe.model_fields)
    assert "null" not in result.out
