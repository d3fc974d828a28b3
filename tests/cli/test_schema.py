"""`netspec schema`."""

import json

from netspec.language.schema import spec_schema
from netspec.layers import CATALOGUE
from tests.cli.conftest import Run


def test_it_prints_the_schema_of_specs(run: Run) -> None:
    result = run("schema")
    assert json.loads(result.out) == spec_schema(CATALOGUE)
    assert result.out.startswith(
        '{\n  "$schema": "https://json-schema.org/draft/2020-12/schema",\n  "title": "netspec",\n'
    )
    assert (result.status, result.err) == (0, "")
