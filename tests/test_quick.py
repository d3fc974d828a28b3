"""Dataclasses whose constructor hands values to slots are what they'd be without."""

import pickle
from copy import deepcopy
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from netspec.quick import quick


@quick
@dataclass(frozen=True, slots=True)
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


@quick
@dataclass(frozen=True, slots=True)
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
