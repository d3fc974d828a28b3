"""Frozen dataclasses that are quick to define are what `dataclass` would make of them."""

import pickle
from copy import deepcopy
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any, ClassVar

import pytest

from netspec.quick import distinct, frozen


@frozen
class Made:
    first: int
    second: str = "b"
    known: int | None = field(default=None, init=False, compare=False)


def test_it_is_made_as_ever() -> None:
    one = Made(1)
    assert (one.first, one.second, one.known) == (1, "b", None)
    assert one == Made(first=1, second="b")
    assert hash(one) == hash(Made(1))
    assert repr(one) == "Made(first=1, second='b', known=None)"
    assert replace(one, second="c") == Made(1, "c")
    assert [each.name for each in fields(one)] == ["first", "second", "known"]
    assert pickle.loads(pickle.dumps(one)) == deepcopy(one) == one


@frozen
class Listed:
    first: int
    items: list[int] = field(default_factory=list)
    last: int = 3


def test_a_default_can_be_made_anew() -> None:
    one, other = Listed(1), Listed(1)
    one.items.append(2)
    assert (other.items, Listed(1, [5], 4)) == ([], Listed(1, last=4, items=[5]))


def test_it_stays_as_it_is() -> None:
    with pytest.raises(FrozenInstanceError):
        Made(1).first = 2  # type: ignore[misc]
    with pytest.raises(TypeError):
        Made()  # type: ignore[call-arg]
    with pytest.raises(FrozenInstanceError):
        del Made(1).first


@distinct
class Alone:
    first: int


def test_those_without_a_value_of_their_own_are_equal_to_themselves() -> None:
    one = Alone(1)
    assert one == one != Alone(1)
    assert len({one, Alone(1)}) == 2
    assert (repr(one), one.first) == ("Alone(first=1)", 1)


class Plain:
    """All that a class may say for itself."""

    a: int
    b: "Plain | int" = field(default=2, kw_only=True)
    hidden: int = field(default=3, repr=False, compare=False)
    unhashed: dict[str, int] = field(default_factory=dict, repr=False, hash=False)
    shared: ClassVar[list[int]] = []

    def __post_init__(self) -> None:
        self.shared.append(self.a)

    def twice(self) -> int:
        return 2 * self.a


class Odd:
    a: int

    def __eq__(self, other: object) -> bool:
        return bool((self.a - other.a) % 2 == 0)  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return self.a % 2

    def __repr__(self) -> str:
        return "odd"


class Empty:
    pass


def both(body: type, name: str) -> tuple[Any, Any]:
    """The class of the same body by `frozen` and by `dataclass`."""
    own = {k: v for k, v in vars(body).items() if k not in ("__dict__", "__weakref__")}
    here, there = (type(name, (), dict(own)) for _ in range(2))
    return frozen(here), dataclass(frozen=True, slots=True)(there)


def test_it_is_what_dataclass_makes() -> None:
    ours, theirs = both(Plain, "Plain")
    one, other = ours(1, b=ours(5)), theirs(1, b=theirs(5))
    assert repr(one) == repr(other) == "Plain(a=1, b=Plain(a=5, b=2))"
    assert hash(one) == hash(other) == hash(ours(1, 9, b=ours(5)))
    assert one == ours(1, 9, b=ours(5)) != ours(2)
    assert one != ours(1, unhashed={"x": 1}, b=ours(5))
    assert one != other
    assert one != (1, ours(5))
    assert (one.twice(), one.shared[:2]) == (2, [5, 1])
    assert ours.__match_args__ == theirs.__match_args__ == ("a", "hidden", "unhashed")
    assert ours.__slots__ == theirs.__slots__
    with pytest.raises(TypeError):
        ours(1, 2, {}, 3)
    ours, theirs = both(Odd, "Odd")
    assert ours(1) == ours(3)
    assert (hash(ours(3)), repr(ours(3))) == (1, "odd")
    ours, theirs = both(Empty, "Empty")
    assert ours() == ours()
    assert (repr(ours()), hash(ours())) == ("Empty()", hash(theirs()))
