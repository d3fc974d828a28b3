"""A column of a summary, and how it comes to its values."""

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple, Protocol, TypeAlias

from netspec.analysis.columns.figures import Figures, Place
from netspec.graph import Node, Shape, Size
from netspec.graph.sizes import SymbolicSize


class Told(Protocol):
    """A value that knows how it is written: as text by `str`, and for JSON."""

    def to_json(self) -> object: ...


Value: TypeAlias = Size | float | str | tuple[str, ...] | tuple[Shape, ...] | Told | None
"""What stands in a column; None where there is nothing to say."""


class Unit(Enum):
    """What the numbers of a column count: its value is the unit as it is written behind them."""

    TEXT = ""
    COUNT = "1"
    BYTES = "B"
    SECONDS = "s"
    SHARE = "%"
    RATIO = "/"

    @property
    def is_text(self) -> bool:
        return self is Unit.TEXT


class Column(NamedTuple):
    """A column: its name in JSON and `--columns`, its heading in a table, and what it is.

    `of` gives its value for the layers of a row; `summed`, `largest` and `alone` make such a
    function from one for a layer. `about` describes it in a line. `order` gives what rows are
    sorted by, where the value is neither a number nor text; `needs` is the field of `Asked` that
    must be given for it.
    """

    name: str
    heading: str
    about: str
    of: Callable[[Figures, Place], Value]
    unit: Unit = Unit.COUNT
    order: Callable[[Value], int | float | str] | None = None
    needs: str | None = None


def summed(one: Callable[[Figures, Node], Size]) -> Callable[[Figures, Place], Size]:
    """The sum over the layers of a row."""

    def of(figures: Figures, place: Place) -> Size:
        if len(place.nodes) == 1:
            return figures.of(one, place.nodes[0])
        return figures.total(one, place.nodes)

    return of


def largest(one: Callable[[Figures, Node], int | float]) -> Callable[[Figures, Place], Value]:
    """The largest of the layers of a row; None for no layer."""

    def of(figures: Figures, place: Place) -> Value:
        return max((figures.of(one, node) for node in place.nodes), default=None)

    return of


def alone(one: Callable[[Figures, Node], Value]) -> Callable[[Figures, Place], Value]:
    """The value of the layer that a row stands for; None for a scope and for an input."""

    def of(figures: Figures, place: Place) -> Value:
        many = place.scope is not None or place.input is not None
        return None if many else one(figures, place.nodes[0])

    return of


def plain(value: Value) -> object:
    """A value as JSON has it: whole numbers exact, formulas as text."""
    if isinstance(value, SymbolicSize):
        return str(value)
    if value is None or isinstance(value, int | float | str):
        return value
    if isinstance(value, tuple):
        return [each if isinstance(each, str) else each.to_json() for each in value]
    return value.to_json()
