"""Frozen dataclasses that are made in two thirds of the time: large graphs have many of them."""

from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

T = TypeVar("T")


def quick(cls: type[T]) -> type[T]:
    """Let the constructor of a frozen dataclass hand each value to its slot.

    The one that `dataclass` writes sets attributes by name. The class has slots.
    """
    every: tuple[Field[Any], ...] = fields(cls)  # type: ignore[arg-type]
    known: dict[str, Any] = {f"set_{each.name}": vars(cls)[each.name].__set__ for each in every}
    # A default that is made anew each time is missing until then.
    known |= {f"default_{each.name}": each.default for each in every} | {"MISSING": MISSING}
    known |= {f"make_{each.name}": each.default_factory for each in every}
    required = [each.default is MISSING and each.default_factory is MISSING for each in every]
    parameters = [
        each.name if needed else f"{each.name}=default_{each.name}"
        for each, needed in zip(every, required, strict=True)
        if each.init
    ]
    steps = [f"set_{each.name}(self, {_value(each)})" for each in every]
    exec(f"def __init__(self, {', '.join(parameters)}):\n    " + "\n    ".join(steps), known)
    cls.__init__ = known["__init__"]  # type: ignore[method-assign]
    return cls


def _value(field: Field[Any]) -> str:
    """What a field is given."""
    name = field.name
    if not field.init:
        return f"default_{name}"
    if field.default_factory is MISSING:
        return name
    return f"make_{name}() if {name} is MISSING else {name}"
