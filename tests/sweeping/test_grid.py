"""What a sweep goes through."""

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.source.flow import as_flow
from netspec.sweeping.grid import MAX_ROWS, Axis, Grid, GridError, axis_of, parse_values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("18,34,50", (18, 34, 50)),
        ("7", (7,)),
        ("16..64:16", (16, 32, 48, 64)),
        ("16..70:16", (16, 32, 48, 64)),
        ("1..4", (1, 2, 3, 4)),
        ("3..3", (3,)),
        ("9..1:-4", (9, 5, 1)),
        ("-2..1", (-2, -1, 0, 1)),
        ("0.1..0.5:0.1", (0.1, 0.2, 0.3, 0.4, 0.5)),
        ("0..1:.25", (0.0, 0.25, 0.5, 0.75, 1.0)),
        ("1e2..3e2:1e2", (100.0, 200.0, 300.0)),
        ("1, 8..16:8", (1, 8, 16)),
        ("[3,4,6,3]", ([3, 4, 6, 3],)),
        ("[2, 2],[3, 4]", ([2, 2], [3, 4])),
        ("basic, bottleneck", ("basic", "bottleneck")),
        ("'1..3', \"a,b\"", ("1..3", "a,b")),
        ("'1..', ../1, 1.", ("1..", "../1", 1.0)),
        ("true,false,1.5,x..y", (True, False, 1.5, "x..y")),
        ("{a: 1},{a: 2}", ({"a": 1}, {"a": 2})),
    ],
)
def test_values(text: str, values: tuple[object, ...]) -> None:
    found = parse_values("x", text)
    assert found == values
    assert [*map(type, found)] == [*map(type, values)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "`x` has no value to go through"),
        ("  ", "`x` has no value to go through"),
        ("5..1", "`5..1` for `x` goes down: its step should be negative"),
        ("1..5:-1", "`1..5:-1` for `x` goes up: its step should be positive"),
        ("1..5:0", "`1..5:0` for `x` has no step"),
        ("1..", "`1..` for `x` is no range; write `1..8` or `1..8:2`, or quote what is text"),
        ("..8", "`..8` for `x` is no range; write `1..8` or `1..8:2`, or quote what is text"),
        ("1..n", "`1..n` for `x` is no range; write `1..8` or `1..8:2`, or quote what is text"),
        ("1..1e999", "`1..1e999` for `x` has a number out of range"),
        (f"1..{'9' * 50}", f"`1..{'9' * 50}` for `x` has a number out of range"),
        ("0..1e9", "`x` goes through more than 1,000,000 values"),
        ("1..9,0..1:1e-300", "`x` goes through more than 1,000,000 values"),
        (
            "[1,2",
            "`[1,2` is no list of values for `x`: did not find expected ',' or ']' (while parsing "
            "a flow sequence from line 1)",
        ),
    ],
)
def test_what_is_no_list_of_values(text: str, message: str) -> None:
    with pytest.raises(GridError) as caught:
        parse_values("x", text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text", ["1] + [2", "1]\n---\n[2", "]", "&a [*a]", "!!python/none x", "1 # 2"]
)
def test_nothing_leaves_the_list(text: str) -> None:
    """What isn't the items of one list is an error, or a list of fewer."""
    try:
        values = parse_values("x", text)
    except GridError:
        return
    assert values == (1,)


integers = st.integers(-(10**6), 10**6)


@given(integers, st.integers(-50, 50).filter(bool), st.integers(0, 200))
def test_a_range_has_both_ends(first: int, step: int, count: int) -> None:
    last = first + step * count
    assert parse_values("x", f"{first}..{last}:{step}") == tuple(
        first + step * number for number in range(count + 1)
    )


@given(st.integers(-999, 999), st.integers(1, 99), st.integers(0, 60), st.integers(1, 5))
def test_floats_are_those_nearest(first: int, step: int, count: int, places: int) -> None:
    """No error adds up: each is the number that a person would write."""
    scale = 10**places

    def shown(number: int) -> str:
        sign = "-" if number < 0 else ""
        return f"{sign}{abs(number) // scale}.{abs(number) % scale:0{places}}"

    text = f"{shown(first)}..{shown(first + count * step)}:{shown(step)}"
    expected = [float(Fraction(first + n * step, scale)) for n in range(count + 1)]
    assert [*parse_values("x", text)] == expected


plain = st.recursive(
    st.booleans()
    | integers
    | st.floats(-1e6, 1e6)
    | st.text("abcé .,:'[]{}#&*!|>%@\\\"", max_size=6),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(plain, min_size=1, max_size=4))
def test_values_are_read_as_yaml_has_them(values: list[Any]) -> None:
    assert [*parse_values("x", ", ".join(map(as_flow, values)))] == values


@given(st.lists(st.lists(integers, min_size=1, max_size=4), max_size=4))
def test_a_grid_is_the_product(lists: list[list[int]]) -> None:
    axes = tuple(Axis(f"x{number}", tuple(each)) for number, each in enumerate(lists))
    grid = Grid(axes)
    assert [grid.at(number) for number in range(len(grid))] == [*product(*lists)]


def test_limits() -> None:
    many = Axis("x", tuple(range(1_001)))
    with pytest.raises(GridError) as caught:
        Grid((many, Axis("y", tuple(range(1_000)))))
    assert str(caught.value) == "1,001,000 combinations are more than 1,000,000"
    with pytest.raises(GridError) as caught:
        Grid((many, many))
    assert str(caught.value) == "`x` is swept twice; list all of its values in one place"
    axes = tuple(Axis(f"x{number}", (0, 1)) for number in range(300))
    with pytest.raises(GridError, match="combinations are more than"):
        Grid(axes)
    with pytest.raises(GridError, match="`x` goes through more than 1,000,000 values"):
        axis_of("x", iter(range(MAX_ROWS + 1)))


def test_values_in_python() -> None:
    assert axis_of("x", range(2, 7, 2)).values == (2, 4, 6)
    assert axis_of("x", [[1, 2], [3]]).values == ([1, 2], [3])
    assert axis_of("x", 3).values == (3,)
    assert axis_of("x", "basic").values == ("basic",)
    assert axis_of("x", {"a": 1}).values == ({"a": 1},)
    assert axis_of("x", (n * n for n in range(3))).values == (0, 1, 4)
    with pytest.raises(GridError, match="`x` has no value to go through"):
        axis_of("x", [])
