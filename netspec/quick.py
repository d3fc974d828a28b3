"""Frozen dataclasses with slots that are quick to define and to make.

A run of `netspec summary` defines a hundred classes, and `dataclass` compiles six functions for
each: a fifth of the run. Here a constructor is compiled, and the rest is written once for all; the
constructor hands each value to its slot, which takes two thirds of the time of setting attributes
by name, and large graphs have many nodes.
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """What `dataclass(frozen=True, slots=True)` makes of a class."""
    made = _fields_of(cls)
    _compare(made)
    return made


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
def distinct(cls: type[T]) -> type[T]:
    """What `dataclass(frozen=True, slots=True, eq=False)` makes of a class."""
    return _fields_of(cls)


def _fields_of(cls: type[T]) -> type[T]:
    """The class with slots for its fields, a constructor, and what both kinds have."""
    shown = "__repr__" not in vars(cls)
    made = dataclass(slots=True, init=False, repr=False, eq=False)(cls)
    made.__init__ = _constructor(made)  # type: ignore[method-assign]
    made.__setattr__ = _set  # type: ignore[method-assign]
    made.__delattr__ = _delete  # type: ignore[method-assign]
    made.__getstate__ = _state  # type: ignore[method-assign]
    made.__setstate__ = _restore  # type: ignore[attr-defined]
    if shown:
        made.__repr__ = _shown  # type: ignore[method-assign]
    return made


def _constructor(cls: type) -> Callable[..., None]:
    every: Sequence[Field[Any]] = fields(cls)
    known: dict[str, Any] = {f"set_{each.name}": getattr(cls, each.name).__set__ for each in every}
    # A default that is made anew each time is missing until then.
    known |= {f"default_{each.name}": each.default for each in every} | {"MISSING": MISSING}
    known |= {f"make_{each.name}": each.default_factory for each in every}
    given = [each for each in every if each.init and not each.kw_only]
    named = [each for each in every if each.init and each.kw_only]
    parameters = ["self", *map(_parameter, given), *["*"][: len(named)], *map(_parameter, named)]
    steps = [f"set_{each.name}(self, {_value(each)})" for each in every]
    if hasattr(cls, "__post_init__"):
        steps.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n    " + "\n    ".join(steps or ["pass"]), known)
    made: Callable[..., None] = known["__init__"]
    return made


def _parameter(field: Field[Any]) -> str:
    needed = field.default is MISSING and field.default_factory is MISSING
    return field.name if needed else f"{field.name}=default_{field.name}"


def _value(field: Field[Any]) -> str:
    """What a field is given."""
    name = field.name
    if not field.init:
        return f"default_{name}"
    if field.default_factory is MISSING:
        return name
    return f"make_{name}() if {name} is MISSING else {name}"


def _compare(cls: type) -> None:
    """Let objects be equal whose fields are, and have a hash that goes with it."""
    every: Sequence[Field[Any]] = fields(cls)
    values = _values([each.name for each in every if each.compare])
    kept = _values([each.name for each in every if _is_hashed(each)])

    def equal(self: object, other: object) -> bool:
        same = self.__class__ is other.__class__
        return values(self) == values(other) if same else NotImplemented

    def number(self: object) -> int:
        return hash(kept(self))

    if "__eq__" not in vars(cls):
        cls.__eq__ = equal  # type: ignore[assignment, method-assign]
    if vars(cls).get("__hash__") is None:
        cls.__hash__ = number  # type: ignore[assignment, method-assign]


def _is_hashed(field: Field[Any]) -> bool:
    return field.compare if field.hash is None else field.hash


def _values(names: Sequence[str]) -> Callable[[object], object]:
    return attrgetter(*names) if names else lambda self: ()


@recursive_repr()
def _shown(self: Any) -> str:
    shown = [f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _set(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for each, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)
