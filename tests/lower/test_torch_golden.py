"""Whole emitted files, to be read by eye; `UPDATE_GOLDEN=1` writes them anew."""

import os
from pathlib import Path

import pytest

import netspec
from tests.lower.torch_checks import checked_source
from tests.lower.torch_specs import ALEXNET, INCEPTION, RESIDUAL

GOLDEN = Path(__file__).parent.parent / "golden" / "torch"
SPECS = {"alexnet": ALEXNET, "residual": RESIDUAL, "inception": INCEPTION}


@pytest.mark.parametrize("name", SPECS)
def test_golden(name: str) -> None:
    source = checked_source(netspec.loads(SPECS[name]))
    file = GOLDEN / f"{name}.py"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(source, encoding="utf-8")
    assert source == file.read_text(encoding="utf-8")


@pytest.mark.slow
def test_golden_sources_are_typed() -> None:
    from mypy import api

    report, errors, status = api.run(
        ["--config-file=", "--cache-dir=/dev/null", *map(str, sorted(GOLDEN.glob("*.py")))]
    )
    assert status == 0, report + errors
