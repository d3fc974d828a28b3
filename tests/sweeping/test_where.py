"""`--where`: conditions on rows."""

from typing import Any

import pytest

from netspec.graph.sizes import symbol
from netspec.sweeping.where import Undecided, WhereError, parse_where

ROW: dict[str, Any] = {"width": 8, "kernels": [3, 3], "macs": 10**9, "params": 5, "error": ""}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("macs <= 1e9 and params <= 5e6", True),
        ("macs < 1e9", False),
        ("macs / params > 100 or width == 3", True),
        ("len(kernels) == 2 and kernels[0] == 3", True),
        ("width in [4, 16]", False),
        ("error == ''", True),
        ("4 < width < 16", True),
    ],
)
def test_conditions(text: str, holds: bool) -> None:
    assert parse_where(text, ROW).holds(ROW) is holds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "macs <= 1e9 and parms < 3",
            "no column is called `parms`; did you mean `params`?\n"
            "  macs <= 1e9 and parms < 3\n"
            "                  ^^^^^",
        ),
        (
            "flux > 1",
            "no column is called `flux`; there are width, kernels, macs, params, error\n"
            "  flux > 1\n  ^^^^",
        ),
        ("macs <= ", "expected a value, but found the end\n  macs <= \n          ^"),
        ("macs <= 1G", "`G` is out of place\n  macs <= 1G\n           ^"),
        ("$macs < 3", "`$` has no meaning in an expression\n  $macs < 3\n  ^"),
        (
            "open('x')",
            "there is no function `open`; the functions are "
            "min, max, sum, len, abs, round, ceil, floor, log\n  open('x')\n  ^^^^",
        ),
        ("macs <\n1 +", "expected a value, but found the end (at character 11)"),
    ],
)
def test_what_is_no_condition(text: str, message: str) -> None:
    with pytest.raises(WhereError) as caught:
        parse_where(text, ROW)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["(" * 500, "1 + " * 400 + "1", "x" * 5_000, "- " * 400 + "1"])
def test_the_text_is_bounded(text: str) -> None:
    with pytest.raises(WhereError):
        parse_where(text, ["x"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("macs", "`macs` is an integer, not true or false"),
        (
            "macs < 'a'",
            "`macs < 'a'`: `<` can't compare an integer with a string",
        ),
        ("macs / (width - 8) > 1", "`macs / (width - 8) > 1`: division by zero"),
        (
            "work < 5",
            "`work < 5`: it can't be told of a formula; give the inputs fixed sizes",
        ),
        ("nothing < 5", "`nothing < 5`: `nothing` is null here"),
        (
            " + ".join(["len(big * 9)"] * 20) + " > 1",
            f"`{' + '.join(['len(big * 9)'] * 20)} > 1`: it takes too long to evaluate",
        ),
    ],
)
def test_what_cant_be_told(text: str, message: str) -> None:
    row = ROW | {"work": 5 * symbol("H"), "nothing": None, "big": [1] * 1_000}
    with pytest.raises(Undecided) as caught:
        parse_where(text, row).holds(row)
    assert str(caught.value) == message
