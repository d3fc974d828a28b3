"""What is said of symbolic sizes is what trying their values shows."""

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.graph import Size
from netspec.graph.bounds import differing, equal, least_value, positive, stated, value
from netspec.graph.sizes import SymbolicSize, substitute, symbol, symbols

H, W = symbol("H"), symbol("W")
FAR = 200
"""Values up to which what is said to hold is tried."""

SETTINGS = settings(deadline=None, derandomize=True, max_examples=300, database=None)


def linear(name: str) -> st.SearchStrategy[Size]:
    """Sizes as strided windows make them of one symbol, and differences of such."""
    start: st.SearchStrategy[Size] = st.just(symbol(name))

    def more(inner: st.SearchStrategy[Size]) -> st.SearchStrategy[Size]:
        return st.one_of(
            st.builds(lambda a, n: a + n, inner, st.integers(-12, 12)),
            st.builds(lambda a, n: a * n, inner, st.integers(1, 4)),
            st.builds(lambda a, n: a // n, inner, st.integers(1, 5)),
            st.builds(lambda a, b: a - b, inner, inner),
            st.builds(lambda a, b: a + b, inner, inner),
        )

    return st.recursive(start, more, max_leaves=6)


LOWEST = st.integers(1, 9)


@SETTINGS
@given(linear("H"), linear("W"), LOWEST, LOWEST)
def test_what_is_decided_of_linear_sizes(one: Size, other: Size, low: int, wide: int) -> None:
    size, lowest = one + other, {"H": low, "W": wide}
    verdict = positive(size, lowest)
    if verdict.holds is None:
        return  # a period over the limit
    if verdict.holds:
        for h, w in product(range(low, low + FAR, 7), range(wide, wide + FAR, 11)):
            assert value(size, {"H": h, "W": w}) > 0
    else:
        assert verdict.values is not None
        assert value(size, verdict.values) <= 0
        assert all(each >= lowest[name] for name, each in verdict.values.items())


@SETTINGS
@given(linear("H"), LOWEST)
def test_one_symbol_is_decided_and_the_first_break_named(size: Size, low: int) -> None:
    verdict = positive(size, {"H": low})
    if verdict.holds is None:
        return
    broken = [h for h in range(low, low + FAR) if value(size, {"H": h}) <= 0]
    assert verdict.holds is not bool(broken) or verdict.values
    if broken and symbols(size):
        assert verdict.values == {"H": broken[0]}


@SETTINGS
@given(linear("H"), linear("W"), st.integers(0, 40))
def test_products_are_never_called_positive_wrongly(one: Size, other: Size, less: int) -> None:
    size = one * other - less
    if positive(size, {}).holds:
        for h, w in product(range(1, FAR, 7), range(1, FAR, 11)):
            assert value(size, {"H": h, "W": w}) > 0


@SETTINGS
@given(linear("H"), linear("H"))
def test_equality(one: Size, other: Size) -> None:
    same = [value(one, {"H": h}) == value(other, {"H": h}) for h in range(1, FAR)]
    if equal(one, other):
        assert all(same)
    values = differing(one, other)
    if values is not None:
        assert value(one, values) != value(other, values)


@SETTINGS
@given(linear("H"), st.integers(1, 50))
def test_the_value_is_that_of_substitution(size: Size, h: int) -> None:
    assert value(size, {"H": h}) == substitute(size, {"H": h})


def test_formulas_that_are_equal_for_every_value() -> None:
    assert equal(H // 2 + (H + 1) // 2, H)
    assert equal(2 * ((H + 1) // 2), (H + 1) // 2 * 2)
    assert not equal((H + 1) // 2 * 2, H)
    assert not equal(H, W)
    assert not equal(H * W, W * H + 1)


@pytest.mark.parametrize(
    ("size", "lowest", "values"),
    [
        (H // 2 * 2 - H + 1, {}, {"H": 1}),
        (H // 2 * 2 - H + 1, {"H": 2}, {"H": 3}),
        (H - 10, {}, {"H": 1}),
        (1_000_000 - H, {}, {"H": 1_000_000}),
        (5 - H - W, {}, {"H": 4, "W": 1}),
        (H * W - 10, {}, {"H": 1, "W": 1}),
        (100 - H * W, {}, {"H": 10, "W": 10}),
    ],
)
def test_values_that_break_it(
    size: SymbolicSize, lowest: Mapping[str, int], values: Mapping[str, int]
) -> None:
    verdict = positive(size, lowest)
    assert verdict.holds is False
    assert verdict.values is not None
    assert value(size, verdict.values) <= 0
    if len(values) == 1:
        assert verdict.values == values


def test_what_holds() -> None:
    assert positive(H - 10, {"H": 11}).holds
    assert positive(H * W, {}).holds
    assert positive(3 * H * W - 3, {"H": 2}).holds
    assert positive(7, {}).holds


def test_what_cannot_be_shown_is_not_said() -> None:
    assert positive(H * W - H + 1, {}).holds is None


@pytest.mark.parametrize(
    ("size", "found"),
    [
        ((H - 7) // 2 + 1, ("H", 7)),
        (((H - 7) // 2 + 1 - 3) // 2 + 1, ("H", 11)),
        (H - 1_000_000_000, ("H", 1_000_000_001)),
        (H + W - 3, None),
        (H // 2 - H, None),
    ],
)
def test_the_least_value(size: SymbolicSize, found: tuple[str, int] | None) -> None:
    assert least_value(size) == found


def test_values_in_words() -> None:
    assert stated({"H": 3, "W": 2}) == "H is 3 and W is 2"
