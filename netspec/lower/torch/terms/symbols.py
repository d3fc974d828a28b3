"""The names that terms read: a block's args by their own, all else by symbols that no arg has."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from netspec.graph import Blob
from netspec.graph.written import Control, Turn

VAR = "$"
"""What the symbol of a var begins with."""
LITERAL = "%"
"""What the symbol of a table begins with that the spec has where a repeat goes through it."""
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


def table_name(symbol: str) -> str:
    """What a table is called that the module holds as a constant."""
    return symbol.lstrip(VAR + LITERAL).upper()


def can_open(value: Any) -> bool:
    """Whether a value of this kind can stay open: numbers, words, and lists of them."""
    if isinstance(value, list | tuple):
        return bool(value) and all(map(can_open, value))
    return type(value) in (int, float, bool, str)


def is_switch(value: Any) -> bool:
    """Whether a value chooses which network this is, rather than how large it is.

    >>> is_switch(["MAX", "AVE"]), is_switch([64, "AVE"])
    (True, False)
    """
    if isinstance(value, list | tuple):
        return bool(value) and all(map(is_switch, value))
    return isinstance(value, bool | str)


def in_order(value: Any) -> Any:
    """The value, the rows of a table as lists where they are mappings that all have the same keys.

    >>> in_order([{"k": 3, "c": 16}, {"k": 5, "c": 24}])
    [[3, 16], [5, 24]]
    """
    if not isinstance(value, list):
        return value
    keys = {tuple(row) if isinstance(row, dict) else () for row in value}
    if len(keys) == 1 and keys != {()}:
        return [[*row.values()] for row in value]
    return value


def open_axes(blob: Blob) -> list[int]:
    """The axes of an input whose sizes a block takes as they come: its channels, its features."""
    axes = [1] if blob.shape.rank in (4, 5) else range(1, blob.shape.rank)
    return [axis for axis in axes if type(blob.shape[axis]) is int]
