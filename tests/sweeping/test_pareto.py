"""The rows that no other beats, against what that says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.sweeping import pareto
from netspec.sweeping.pareto import Goal, ParetoError, front, parse_goals

points = st.integers(1, 5).flatmap(
    lambda size: st.integers(0, 12).flatmap(
        lambda span: st.lists(st.tuples(*[st.integers(0, span)] * size), max_size=60)
    )
)


def unbeaten(points: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """By the definition, each with each."""

    def beats(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        return one != other and all(a <= b for a, b in zip(one, other, strict=True))

    return [each for each in points if not any(beats(other, each) for other in points)]


@given(points)
def test_the_front(points: list[tuple[int, ...]]) -> None:
    rows = list(enumerate(points))
    found = [*front((point, (number, point)) for number, point in rows)]
    assert [point for _, point in found] == unbeaten(points)
    assert [number for number, _ in found] == sorted(number for number, _ in found)


@given(points)
def test_what_is_let_go_on_the_way_changes_nothing(points: list[tuple[int, ...]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pareto, "KEPT", 3)
        patch.setattr(pareto, "FEW", 1)
        assert [*front((point, point) for point in points)] == unbeaten(points)


def test_rows_without_a_point_stay() -> None:
    rows = [((2, 1), "a"), (None, "b"), ((1, 1), "c"), ((1, 1), "d"), ((1, 2), "e")]
    assert [*front(rows)] == ["b", "c", "d"]


def test_goals() -> None:
    names = ("width", "macs", "params")
    assert parse_goals("macs, params", names) == (Goal("macs"), Goal("params"))
    assert parse_goals("+width,macs", names) == (Goal("width", more=True), Goal("macs"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mac", "no column is called `mac`; did you mean `macs`?"),
        ("", "no column is called ``; there are width, macs"),
        ("macs,,width", "no column is called ``; there are width, macs"),
        ("-macs", "no column is called `-macs`; did you mean `macs`?"),
        ("macs,+macs", "`macs` is there twice"),
    ],
)
def test_what_are_no_goals(text: str, message: str) -> None:
    with pytest.raises(ParetoError) as caught:
        parse_goals(text, ("width", "macs"))
    assert str(caught.value) == message
