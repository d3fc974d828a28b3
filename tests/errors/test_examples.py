"""Every code has an example that gives it, and the page of codes shows what netspec prints."""

import re

import pytest

from netspec.diagnostics.codes import CODES, ERRORS, WARNINGS
from tests.errors.examples import HERE, PAGE, example, golden, page, printed


@pytest.mark.parametrize("code", CODES)
def test_the_example_gives_its_code_and_no_other(code: str) -> None:
    severity = "error" if code in ERRORS else "warning"
    found = re.findall(r"^(error|warning)\[([a-z-]+)\]", printed(code), re.MULTILINE)
    assert found == [(severity, code)]


@pytest.mark.parametrize("code", CODES)
def test_the_text_is_that_of_the_golden_file(code: str) -> None:
    assert printed(code) == golden(code).read_text()


def test_there_are_no_other_examples() -> None:
    stems = {path.stem for path in HERE.iterdir() if path.suffix in (".yaml", ".console", ".txt")}
    assert stems == set(CODES)
    assert all(example(code).exists() for code in CODES)


def test_no_code_is_both() -> None:
    assert not ERRORS.keys() & WARNINGS.keys()


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "renew it with `make docs`"
