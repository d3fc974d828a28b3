"""Expressions that have a value for each element of a tensor."""

from typing import Any

import pytest

from netspec.expressions import Elements, ExpressionError, parse_template
from netspec.expressions.template import Template


class Names:
    def __init__(self) -> None:
        self.steps = 0

    def value(self, name: str) -> Any:
        if name == "n":
            return 3
        raise ExpressionError("unknown-name", f"no `{name}`")

    def spend(self, steps: int) -> None:
        self.steps += steps


def table(text: str, rows: int, columns: int) -> tuple[list[list[Any]], int]:
    """The elements, and the steps that they take."""
    names = Names()
    elements = Elements(names, {"i": 0, "j": 0})
    template = parse_template(f"$({text})")
    assert isinstance(template, Template)
    named = elements.template(template)
    found = []
    for elements.indices["i"] in range(rows):
        row = []
        for elements.indices["j"] in range(columns):
            row.append(named.evaluate(elements))
        found.append(row)
    return found, names.steps


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "j",
        "n * i",
        "i // n - j % n + n",
        "0 if i == j else 1 // i if i > j else i + j",
        "[i, j][0] + max(i, j, n)",
        "[4, 5, 6, 7, 8, 9][i + j:][0]",
        "i < j and not j > n",
    ],
)
def test_they_are_what_the_expression_says(text: str) -> None:
    found, _ = table(text, 3, 4)
    assert found == [[eval(text, {"i": i, "j": j, "n": 3}) for j in range(4)] for i in range(3)]


def test_parts_of_one_index_are_worked_out_once_for_each_of_its_values() -> None:
    """An element then costs a step for the formula and one for the difference."""
    _, steps = table("(i // n * n + i % n) - (j // n * n + j % n)", 100, 100)
    assert 2 * 100 * 100 <= steps <= 2 * 100 * 100 + 2 * 100 * 10


def test_what_an_element_has_no_use_for_is_not_worked_out() -> None:
    found, _ = table("0 if i == j or i == 0 else 1 / i + j", 2, 1)
    assert found == [[0], [1.0]]


def test_an_error_stands_where_its_part_does() -> None:
    with pytest.raises(ExpressionError) as caught:
        table("j + i // (i - 1)", 3, 1)
    assert (caught.value.start, caught.value.end) == (6, 17)
