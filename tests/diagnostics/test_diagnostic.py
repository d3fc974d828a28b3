"""The collection of diagnostics, and the nearest name."""

import pytest

from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, Span, SpecError
from netspec.diagnostics.suggest import did_you_mean, nearest

TEXT = SourceText("a.yaml", "x\ny\n")


def span(line: int) -> Span:
    return Span(TEXT, line, 1, line, 2)


def test_a_code_that_is_not_in_the_table() -> None:
    with pytest.raises(ValueError, match="not in the table"):
        Diagnostic("oops", "m")


def test_the_same_code_at_the_same_place_counts_once() -> None:
    found = Diagnostics()
    found.error("bad-value", "second", span(2))
    found.error("bad-value", "first", span(1))
    found.error("bad-value", "again", span(1))
    found.warning("unused-var", "third", span(1))
    found.error("bad-value", "placeless")
    assert [each.message for each in found.sorted()] == ["placeless", "first", "third", "second"]
    assert found.has_errors
    with pytest.raises(SpecError) as caught:
        found.raise_errors()
    assert len(caught.value.diagnostics) == 4


def test_warnings_are_no_errors() -> None:
    found = Diagnostics()
    found.warning("unused-var", "m", span(1))
    assert not found.has_errors
    found.raise_errors()


def test_a_thousand_is_enough() -> None:
    found = Diagnostics()

    def report_many() -> None:
        for number in range(5000):
            found.error("bad-value", str(number))

    with pytest.raises(SpecError, match="the rest is left out"):
        report_many()
    assert len(found.sorted()) == 1001
    found.extend(found.sorted())
    for number in range(5000):
        found.warning("unused-var", str(number))
    assert len(found.sorted()) == 6001


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("kernelsize", "kernel_size"),
        ("Kernel_Size", "kernel_size"),
        ("kernal_size", "kernel_size"),
        ("stride", "stride"),
        ("xyz", None),
        ("k" * 10_000, None),
    ],
)
def test_nearest(name: str, expected: str | None) -> None:
    assert nearest(name, ["kernel_size", "stride"]) == expected


def test_did_you_mean() -> None:
    assert did_you_mean("strid", ["stride"]) == "did you mean `stride`?"
    assert did_you_mean("x", ["stride"]) is None
