"""Frozen dataclasses that are made in two thirds of the time: large graphs have many of them."""

from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

T = TypeVar("T")


def quick(cls: type[T]) -> type[T]:
    """Let the constructor of a frozen dataclass hand each value to its slot.

    The one that `dataclass` writes sets attributes by name. The class has slots, and no field of it
    a default that is made anew each time.
    """
    every: tuple[Field[Any], ...] = fields(cls)  # type: ignore[arg-type]
    known: dict[str, Any] = {f"set_{each.name}": vars(cls)[each.name].__set__ for each in every}
    known |= {f"default_{each.name}": each.default for each in every}
    parameters = [
        each.name if each.default is MISSING else f"{each.name}=default_{each.name}"
        for each in every
        if each.init
    ]
    steps = [
        f"set_{each.name}(self, {each.name if each.init else f'default_{each.name}'})"
        for each in every
    ]
    exec(f"def __init__(self, {', '.join(parameters)}):\n    " + "\n    ".join(steps), known)
    cls.__init__ = known["__init__"]  # type: ignore[method-assign]
    return cls
