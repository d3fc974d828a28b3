"""The names that terms read: a block's args by their own, all else by symbols that no arg has."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from netspec.graph import Blob
from netspec.graph.written import Control, Turn

VAR = "$"
"""What the symbol of a var begins with."""
SIZE = "@"
"""What the symbol of an input's size begins with."""

Turns: TypeAlias = Mapping[int, int]
"""The turns of repeats in which something stands: their numbers, by the places of the repeats."""
NONE: Turns = MappingProxyType({})


def input_symbol(number: int, axis: int) -> str:
    """The symbol of a size of a block's input."""
    return f"{SIZE}{number}.{axis}"


def turn_symbol(place: int) -> str:
    """The symbol of the number of a repeat's turn, for what stands in it."""
    return f"#{place}"


def past_symbol(place: int, number: int) -> str:
    """The symbol of the number of a turn that is over."""
    return f"#{place}:{number}"


def turns_of(controls: tuple[Control, ...]) -> Turns:
    """The turns among these controls."""
    return {each.place: each.number for each in controls if isinstance(each, Turn)}


def carried_symbol(place: int) -> str:
    """The symbol of the size that the turns of a repeat hand on."""
    return f"~{place}"


def is_bound(symbol: str) -> bool:
    """Whether a symbol belongs to a loop: the number of a turn, or what turns hand on."""
    return symbol[0] in "#~"


def is_table(value: Any) -> bool:
    """Whether a value is a list of several, which a loop may go through."""
    return isinstance(value, list | tuple) and len(value) > 1


def table_name(name: str) -> str:
    """What a table is called that the module holds as a constant."""
    return name.upper()


def can_open(value: Any) -> bool:
    """Whether a value of this kind can stay open: numbers, and lists of them."""
    if isinstance(value, list | tuple):
        return bool(value) and all(
            type(each) in (int, float, bool) or can_open(each) for each in value
        )
    return type(value) in (int, float, bool)


def open_axes(blob: Blob) -> list[int]:
    """The axes of an input whose sizes a block takes as they come: its channels, its features."""
    axes = [1] if blob.shape.rank in (4, 5) else range(1, blob.shape.rank)
    return [axis for axis in axes if type(blob.shape[axis]) is int]
