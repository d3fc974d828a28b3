"""Sizes told from those of tensors: exact for all values, and read as the text says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.graph import Shape, Size
from netspec.graph.bounds import value
from netspec.graph.readings import place, reading, written
from netspec.graph.sizes import SymbolicSize, ceil_div, substitute, symbol

N, H, W = symbol("N"), symbol("H"), symbol("W")


def shown(size: Size, *known: Size, axis: int | None = None) -> str | None:
    found = reading(size, [Shape((N, 3, *known))], axis)
    return None if found is None else written(found, lambda name: f"x.shape[{place(name)[1]}]")


@pytest.mark.parametrize(
    ("size", "known", "expected"),
    [
        (2 * H, H, "x.shape[2] * 2"),
        (H + 1, H, "x.shape[2] + 1"),
        (10 - H, H, "10 - x.shape[2]"),
        (3 * H // 2, H, "x.shape[2] * 3 // 2"),
        ((H - 1) // 2 + 1, H, "(x.shape[2] + 1) // 2"),
        (2 * H, 32 * H, "x.shape[2] // 16"),
        (ceil_div(H, 4), ceil_div(H, 2), "(x.shape[2] + 1) // 2"),
        (ceil_div(H, 2) // 2, ceil_div(H, 2), "x.shape[2] // 2"),
        (2 * (H // 2), H, "x.shape[2] // 2 * 2"),
        (32 * ceil_div(H, 32) - H, H, "(x.shape[2] + 31) // 32 * 32 - x.shape[2]"),
        (2 * H * W, H * W, "x.shape[2] * 2"),
        ((2 * (H // 2) + 1) // 3, H, "(x.shape[2] // 2 * 2 + 1) // 3"),
    ],
    ids=str,
)
def test_a_size_is_written_as_a_person_would(size: Size, known: Size, expected: str) -> None:
    assert shown(size, known) == expected


def test_where_a_person_looks_first() -> None:
    assert shown(2 * H, H, H) == "x.shape[2] * 2"
    assert shown(2 * H, H, H, axis=3) == "x.shape[3] * 2"
    assert shown(2 * H + W, H, W) == "x.shape[2] * 2 + x.shape[3]"


@pytest.mark.parametrize(
    ("size", "known"), [(H, ceil_div(H, 2)), (H, W), (H, 7), (H * W, H), (H // 3, H // 2)], ids=str
)
def test_what_is_not_told(size: Size, known: Size) -> None:
    assert shown(size, known) is None


sizes = st.recursive(
    st.just(("H",)),
    lambda inner: st.tuples(st.sampled_from(["+", "-", "*", "//"]), inner, st.integers(1, 9)),
    max_leaves=5,
)


def computed(steps: object, start: Size) -> Size:
    """What operations with integers make of a size."""
    match steps:
        case ("+", inner, int(number)):
            return computed(inner, start) + number
        case ("-", inner, int(number)):
            return computed(inner, start) - number
        case ("*", inner, int(number)):
            return computed(inner, start) * number
        case ("//", inner, int(number)):
            return computed(inner, start) // number
    return start


@settings(deadline=None, max_examples=200)
@given(steps=sizes, known=st.sampled_from([H, 32 * H, ceil_div(H, 2), H + 5, 3 * (H // 4)]))
def test_what_is_computed_is_what_integers_are(steps: object, known: SymbolicSize) -> None:
    size = computed(steps, known)
    for number in range(1, 40):
        assert value(size, {"H": number}) == computed(steps, value(known, {"H": number}))


@settings(deadline=None, max_examples=200)
@given(steps=sizes, known=st.sampled_from([H, 32 * H, ceil_div(H, 2), H + 5]))
def test_whatever_is_computed_of_a_size_is_told_from_it(steps: object, known: SymbolicSize) -> None:
    size = computed(steps, known)
    found = reading(size, [Shape((N, known))])
    assert found is not None
    text = written(found, lambda name: "x")
    for number in range(1, 40):
        values = {"H": number}
        assert eval(text, {"x": value(known, values)}) == value(size, values)
    assert value(substitute(found, {"0.1": known}), {"H": 77}) == value(size, {"H": 77})
